/**
 * A network namespace of this machine: `netns://NAME`, or `netns://NAME@PID` for one that has files of its own, those
 * that this process of it sees. Entered with nsenter and only its
 * network: `ip netns exec` also remounts /sys and thereby hides the cgroup mounts.
 */
import { existsSync, readlinkSync, statSync } from 'node:fs'
import { type Runner, RunnerError } from './command/runner.ts'
import { open, run } from './command/spawn.ts'

/** Where iproute2 keeps named namespaces (ip-netns(8)). */
export const NETNS_DIR = '/run/netns'
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** Argv prefix that runs a command in the network of a named namespace, and with the mounts of a process where one is told. */
export function netnsPrefix(name: string, mounts?: number): readonly string[] {
  const mounted = mounts === undefined ? [] : [`--mount=/proc/${Math.trunc(mounts)}/ns/mnt`]
  return ['nsenter', `--net=${NETNS_DIR}/${name}`, ...mounted, '--']
}

/** Path of a named namespace that we can enter; undefined where its runner says why not. */
export function enterablePath(name: string): string | undefined {
  const path = `${NETNS_DIR}/${name}`
  return process.getuid?.() === 0 && existsSync(path) ? path : undefined
}

/** True while that process is in that network: its pid may by now be another's. */
function isInside(pid: number, name: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === `net:[${statSync(`${NETNS_DIR}/${name}`).ino}]`
  } catch {
    return false
  }
}

/** Throws RunnerError when the name is not a namespace name; a vanished namespace rejects at `run`. */
export function netnsRunner(host: string, name: string, mounts?: number): Runner {
  if (!NAME.test(name)) throw new RunnerError('unreachable', `netns://${name}: not a namespace name`)
  const prefix = netnsPrefix(name, mounts)
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
    if (mounts !== undefined && !isInside(mounts, name)) {
      throw new RunnerError('unreachable', `no process ${mounts} in network namespace ${name}`)
    }
  }
  return {
    kind: 'netns',
    host,
    via: `netns://${name}${mounts === undefined ? '' : `@${mounts}`}`,
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
