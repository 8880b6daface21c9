/** Stops and starts one daemon of a lab that its hosts ask; its data stays where it is. */

import { killGroup } from '../../hosts/command/spawn.ts'
import { identify, isRunning, type ProcessIdentity } from '../../hosts/process-identity.ts'
import { type LabDaemon, startLabDaemon, wordsOfRunning } from '../daemons/daemon.ts'
import { LabError } from '../lab-error.ts'
import { entriesOf, readLedger } from '../ledger/ledger.ts'
import type { LabState } from '../running/state.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import type { DatastoreService, EndingSignal } from './host-control.ts'

/** etcd and the API server end within a second; the latter is ready again after some. */
const MOVE_MS = 40_000

/** The daemon, and how it is seen to answer. */
export interface ServedDaemon extends Pick<LabDaemon, 'role' | 'engine' | 'directory' | 'logFile'> {
  readonly endedBy: EndingSignal
  readonly untilReady: (bounds: WaitBounds) => Promise<void>
}

function processOf(lab: LabState, role: string): ProcessIdentity {
  const ledger = readLedger(lab.directory)
  const started = ledger === undefined ? [] : entriesOf(ledger, 'process')
  const last = started.filter((entry) => entry.role === role).at(-1)
  if (last === undefined) throw new LabError('failed', `lab ${lab.name} has no ${role} of its own`)
  return last.process
}

const soon = (): WaitBounds => ({ deadline: performance.now() + MOVE_MS })

async function stop(lab: LabState, { role, endedBy }: ServedDaemon): Promise<void> {
  const process = processOf(lab, role)
  if (!isRunning(process)) return
  killGroup(process.pid, endedBy)
  const look = (): string | undefined =>
    identify(process.pid) === undefined ? undefined : `${role} does not end`
  await waitUntil(look, soon())
}

/** Of a daemon beside the switch. Read while it runs: its words are those it is started with again. */
export function labService(lab: () => LabState, daemon: ServedDaemon): DatastoreService {
  const { role, untilReady } = daemon
  const argv = wordsOfRunning(processOf(lab(), role).pid, role)
  return {
    stop: () => stop(lab(), daemon),
    start: async () => {
      if (isRunning(processOf(lab(), role))) return
      await startLabDaemon(lab(), { ...daemon, namespace: lab().switchNamespace, argv })
      await untilReady(soon())
    },
  }
}
