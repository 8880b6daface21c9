/**
 * A network namespace of this machine: `netns://NAME`. Entered with nsenter and only its
 * network: `ip netns exec` also remounts /sys and thereby hides the cgroup mounts.
 */
import { existsSync } from 'node:fs'
import { type Runner, RunnerError } from './command/runner.ts'
import { open, run } from './command/spawn.ts'

/** Where iproute2 keeps named namespaces (ip-netns(8)). */
export const NETNS_DIR = '/run/netns'
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** Argv prefix that runs a command in the network of a named namespace. */
export function netnsPrefix(name: string): readonly string[] {
  return ['nsenter', `--net=${NETNS_DIR}/${name}`, '--']
}

/** Throws RunnerError when the name is not a namespace name; a vanished namespace rejects at `run`. */
export function netnsRunner(host: string, name: string): Runner {
  if (!NAME.test(name)) throw new RunnerError('unreachable', `netns://${name}: not a namespace name`)
  const prefix = netnsPrefix(name)
  const check = (): void => {
    if (!existsSync(`${NETNS_DIR}/${name}`)) {
      throw new RunnerError(
        'unreachable',
        `no network namespace ${name} in ${NETNS_DIR} (see: ip netns list)`,
      )
    }
    if (process.getuid?.() !== 0) {
      throw new RunnerError('not-permitted', `entering network namespace ${name} needs root`)
    }
  }
  return {
    kind: 'netns',
    host,
    via: `netns://${name}`,
    run: async (argv, options) => {
      check()
      return run([...prefix, ...argv], options)
    },
    open: async (argv, options) => {
      check()
      return open([...prefix, ...argv], options)
    },
    close: async () => {},
  }
}
