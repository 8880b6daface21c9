/** Stops and starts the etcd of a lab; its data stays where it is. */

import { killGroup } from '../../hosts/command/spawn.ts'
import { identify, isRunning, type ProcessIdentity } from '../../hosts/process-identity.ts'
import { startLabDaemon, wordsOfRunning } from '../daemons/daemon.ts'
import { askSocket } from '../daemons/socket-http.ts'
import { LabError } from '../lab-error.ts'
import { entriesOf, readLedger } from '../ledger/ledger.ts'
import type { LabState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import type { DatastoreService } from './host-control.ts'

/** A single member ends and leads again within a second. */
const MOVE_MS = 20_000

function etcdProcess(lab: LabState): ProcessIdentity {
  const ledger = readLedger(lab.directory)
  const started = ledger === undefined ? [] : entriesOf(ledger, 'process')
  const last = started.filter(({ role }) => role === 'etcd').at(-1)
  if (last === undefined) throw new LabError('failed', `lab ${lab.name} has no etcd of its own`)
  return last.process
}

async function stop(lab: LabState): Promise<void> {
  const process = etcdProcess(lab)
  if (!isRunning(process)) return
  killGroup(process.pid, 'SIGTERM')
  const look = (): string | undefined =>
    identify(process.pid) === undefined ? undefined : 'etcd does not end'
  await waitUntil(look, { deadline: performance.now() + MOVE_MS })
}

async function answers(directory: string): Promise<string | undefined> {
  try {
    const { body } = await askSocket(`${directory}/client:0`, { method: 'GET', path: '/health' })
    return body.includes('"health":"true"') ? undefined : 'etcd has no leader'
  } catch (error) {
    return `etcd does not answer: ${(error as Error).message}`
  }
}

async function start(lab: LabState, argv: readonly string[]): Promise<void> {
  if (isRunning(etcdProcess(lab))) return
  const directory = `${lab.directory}/etcd`
  const logFile = `${directory}/etcd.log`
  const place = { namespace: lab.switchNamespace, engine: lab.engine }
  await startLabDaemon(lab, { role: 'etcd', ...place, argv, directory, logFile })
  await waitUntil(() => answers(directory), { deadline: performance.now() + MOVE_MS })
}

/** Read while it runs: its words are those it is started with again. */
export function etcdService(lab: () => LabState): DatastoreService {
  const { pid } = etcdProcess(lab())
  const words = wordsOfRunning(pid, 'etcd')
  return { stop: () => stop(lab()), start: () => start(lab(), words) }
}
