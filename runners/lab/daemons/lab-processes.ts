/** Kills what runs in a lab, found in five ways, so that nothing is missed after a crash: recorded pids, networks, environment, cgroups, open files. */

import { readFileSync, rmSync } from 'node:fs'
import { killGroup } from '../../hosts/command/spawn.ts'
import {
  identify,
  isRunning,
  type ProcessIdentity,
  processesHolding,
  processesOfLab,
} from '../../hosts/process-identity.ts'
import { poll } from '../../poll.ts'
import { LabError } from '../lab-error.ts'
import { entriesOf, isAbandoned, type Ledger } from '../ledger/ledger.ts'
import { cgroupPaths, processesOfCgroup, thawCgroup } from './lab-cgroup.ts'

/** A killed process is gone within milliseconds; dockerd with a busy disk took 2 s at worst. */
const KILL_DEADLINE_MS = 10_000
const POLL_MS = 10

/** containerd's shims make their sockets here whatever root they are given, and a killed one leaves its socket. */
const SHIM_SOCKETS = '/run/containerd/s/'

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Paths of shim sockets bound in the network of a process (proc_net(5), unix). */
function shimSockets(pid: number): readonly string[] {
  try {
    const sockets = readFileSync(`/proc/${pid}/net/unix`, 'utf8')
    return sockets.split('\n').flatMap((line) => {
      const path = line.split(' ').at(-1) ?? ''
      return path.startsWith(SHIM_SOCKETS) && !path.includes('..') ? [path] : []
    })
  } catch {
    return [] // it has just ended
  }
}

/** One round: kills all that is found, and gives what it killed. */
function killRound(ledger: Ledger, sockets: Set<string>): readonly ProcessIdentity[] {
  const namespaces = entriesOf(ledger, 'namespace').map((entry) => entry.name)
  const cgroups = cgroupPaths(ledger)
  const recorded = entriesOf(ledger, 'process')
    .map((entry) => entry.process)
    .filter(isRunning)
  const found = [
    ...processesOfLab(ledger.token, namespaces),
    ...cgroups.flatMap(processesOfCgroup),
    ...(isAbandoned(ledger) ? processesHolding(ledger.directory) : []),
  ]
  if (cgroups.length > 0) for (const path of found.flatMap(shimSockets)) sockets.add(path)
  for (const path of cgroups) thawCgroup(path)
  for (const { pid } of recorded) killGroup(pid, 'SIGKILL')
  for (const pid of found) kill(pid)
  return [...found.flatMap((pid) => identify(pid) ?? []), ...recorded]
}

/** Kills until none is left: a process may fork while it is being looked for. Throws LabError when one does not end. */
export async function killProcesses(ledger: Ledger): Promise<void> {
  const sockets = new Set<string>()
  let dying: readonly ProcessIdentity[] = []
  const round = (): true | undefined => {
    // A process that is ending shows neither environment nor network any more, but its threads may still work.
    dying = [...dying.filter(isRunning), ...killRound(ledger, sockets)]
    return dying.length === 0 || undefined
  }
  if (
    (await poll(round, { deadline: performance.now() + KILL_DEADLINE_MS, pauseMs: POLL_MS })) === undefined
  ) {
    const pids = [...new Set(dying.map(({ pid }) => pid))].join(', ')
    throw new LabError('failed', `processes of lab ${ledger.name} do not end: ${pids}`)
  }
  for (const path of sockets) rmSync(path, { force: true })
}
