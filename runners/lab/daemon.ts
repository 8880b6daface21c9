/** Starts a daemon of a lab in one of its namespaces, with the ledger kept. */
import { readFileSync } from 'node:fs'
import { netnsPrefix } from '../netns.ts'
import { startDaemon } from '../spawn.ts'
import { record } from './ledger.ts'
import type { LabPlan } from './plan.ts'
import { identify, isRunning, LAB_VARIABLE, type ProcessIdentity } from './process-identity.ts'

export interface LabDaemon {
  /** What it is, for messages: `etcd`, `flanneld of h2`. */
  readonly role: string
  readonly namespace: string
  readonly argv: readonly string[]
  readonly directory: string
  readonly logFile: string
}

export interface RunningDaemon extends LabDaemon {
  readonly process: ProcessIdentity
}

/**
 * Starts it with an environment of its own: the user's FLANNELD_* and ETCD_* variables must not
 * reach the lab. Rejects with RunnerError when the command cannot be started.
 */
export async function startLabDaemon(plan: LabPlan, daemon: LabDaemon): Promise<RunningDaemon> {
  record(plan.directory, { kind: 'daemon', role: daemon.role })
  const env = { PATH: process.env.PATH ?? '', HOME: daemon.directory, [LAB_VARIABLE]: plan.token }
  const argv = [...netnsPrefix(daemon.namespace), ...daemon.argv]
  const pid = await startDaemon(argv, { logFile: daemon.logFile, cwd: daemon.directory, env })
  const identity = identify(pid) ?? { pid, start: 'ended at once' }
  record(plan.directory, { kind: 'process', role: daemon.role, process: identity })
  return { ...daemon, process: identity }
}

/** The last lines of a daemon's log, joined; control characters are dropped. */
export function lastWords(logFile: string, lines = 3): string {
  const log = readFileSync(logFile, 'utf8').slice(-20_000)
  const words = log.trim().split('\n').slice(-lines).join(' | ')
  return words.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(-600)
}

/** Why it cannot do its work any more, when it has ended; undefined while it runs. */
export function endedDaemon(daemon: RunningDaemon): string | undefined {
  return isRunning(daemon.process) ? undefined : `${daemon.role} ended: ${lastWords(daemon.logFile)}`
}
