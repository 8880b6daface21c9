/** Commands on the hosts and in the containers of a lab. */
import { netnsPrefix } from '../netns.ts'
import type { CommandResult, RunOptions } from '../runner.ts'
import { run } from '../spawn.ts'
import { LabError } from './lab-error.ts'
import type { LabState } from './state.ts'

/**
 * The words that run `argv` on a host (`h1`), in a container (`h1c1`) or on the `switch`, where etcd is.
 * Throws LabError for a name the lab does not have.
 */
export function labArgv(lab: LabState, target: string, argv: readonly string[]): readonly string[] {
  const places = new Map([['switch', lab.switchNamespace]])
  for (const { name, namespace, containers } of lab.hosts) {
    places.set(name, namespace)
    for (const container of containers) places.set(container.name, container.namespace)
  }
  const namespace = places.get(target)
  if (namespace === undefined) {
    throw new LabError('usage', `lab ${lab.name} has no ${target}; it has ${[...places.keys()].join(', ')}`)
  }
  return [...netnsPrefix(namespace), ...argv]
}

/** Runs a command there and gives its result; a non-zero exit is data. */
export async function labExec(
  lab: LabState,
  target: string,
  command: { readonly argv: readonly string[] } & RunOptions,
): Promise<CommandResult> {
  const { argv, ...options } = command
  return run(labArgv(lab, target, argv), options)
}
