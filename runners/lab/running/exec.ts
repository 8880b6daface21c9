/** Commands on the hosts and in the containers of a lab. */
import type { CommandResult, RunOptions } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'
import { placeNamed, placePrefix } from '../place.ts'
import type { LabState } from './state.ts'

/**
 * The words that run `argv` on a host (`h1`), in a container (`h1c1`) or on the `switch`, where etcd is.
 * Throws LabError for a name the lab does not have.
 */
export function labArgv(lab: LabState, target: string, argv: readonly string[]): readonly string[] {
  return [...placePrefix(placeNamed(lab, target)), ...argv]
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
