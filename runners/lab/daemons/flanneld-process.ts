/** Stops, freezes and starts the flanneld of one host of a lab. */
import { readFileSync } from 'node:fs'
import type { FlanneldStep } from '../../../fixtures/fault.ts'
import { killGroup } from '../../hosts/command/spawn.ts'
import { identify, ownPid } from '../../hosts/process-identity.ts'
import { writeInventory } from '../running/inventory.ts'
import { type LabHost, type LabState, writeState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import { lastLogLines, startLabDaemon } from './daemon.ts'
import { nodeEnvironment } from './flanneld.ts'

/** flanneld ends at once on SIGTERM; a frozen one must be thawed to hear it. */
const STOP_MS = 5000
/** A start takes 0.3 s; with etcd just back a few retries of a second, on a busy machine many seconds. */
const START_MS = 30_000

function signal(pid: number, name: NodeJS.Signals): void {
  if (identify(pid) !== undefined) killGroup(pid, name)
}

/** SIGKILL, so that it removes nothing on its way out: what a crash or the OOM killer leaves. */
async function stop(pid: number): Promise<void> {
  signal(pid, 'SIGKILL')
  const look = (): string | undefined =>
    identify(pid) === undefined ? undefined : `flanneld ${pid} does not end`
  await waitUntil(look, { deadline: performance.now() + STOP_MS })
}

async function start(lab: LabState, host: LabHost, argv: readonly string[]): Promise<LabState> {
  await stop(host.flanneldPid)
  const daemon = await startLabDaemon(lab, {
    role: `flanneld of ${host.name}`,
    namespace: host.namespace,
    engine: host.engine,
    mounts: host.mounts,
    environment: nodeEnvironment(host),
    argv,
    directory: `${lab.directory}/${host.name}`,
    logFile: host.flanneldLog,
  })
  const hosts = lab.hosts.map((each) =>
    each.name === host.name ? { ...each, flanneldPid: daemon.process.pid } : each,
  )
  const next = { ...lab, hosts }
  writeState(next)
  writeInventory(next)
  return next
}

/** Does it and gives the lab as it is then. `start` of a running flanneld is a restart. */
export async function moveFlanneld(
  lab: LabState,
  host: LabHost,
  { to, argv }: { readonly to: FlanneldStep['flanneld']; readonly argv: readonly string[] },
): Promise<LabState> {
  if (to === 'start') return start(lab, host, argv)
  if (to === 'stop') await stop(host.flanneldPid)
  else signal(host.flanneldPid, to === 'freeze' ? 'SIGSTOP' : 'SIGCONT')
  return lab
}

/** flanneld says so in main.go when lease, link and subnet.env are done; its lines carry its pid. */
function runsItsBackend({ flanneldPid, flanneldLog }: LabHost): boolean {
  return new RegExp(`\\s${ownPid(flanneldPid)} main\\.go:\\d+\\] Running backend`).test(
    readFileSync(flanneldLog, 'utf8'),
  )
}

/** Waits until a started flanneld has done all that it does at start. Throws LabError when it does not. */
export function untilRunning(host: LabHost): Promise<void> {
  const look = (): string | undefined =>
    runsItsBackend(host)
      ? undefined
      : `flanneld of ${host.name} does not come up: ${lastLogLines(host.flanneldLog)}`
  return waitUntil(look, { deadline: performance.now() + START_MS })
}
