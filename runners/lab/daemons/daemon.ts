/** Starts a daemon of a lab in one of its namespaces, with the ledger kept. */
import { readFileSync } from 'node:fs'
import { startDaemon } from '../../hosts/command/spawn.ts'
import { netnsPrefix } from '../../hosts/netns.ts'
import {
  commandWords,
  identify,
  isRunning,
  LAB_VARIABLE,
  type ProcessIdentity,
} from '../../hosts/process-identity.ts'
import { commandSearchPath } from '../../setup/search-path.js'
import { LabError } from '../lab-error.ts'
import { record } from '../ledger/ledger.ts'
import type { EngineContainer } from '../place.ts'
import type { LabPlan } from '../plan/plan.ts'

export interface LabDaemon {
  /** What it is, for messages: `etcd`, `flanneld of h2`. */
  readonly role: string
  readonly namespace: string
  /** In a docker lab: the container it runs in. */
  readonly engine?: EngineContainer | undefined
  /** In a Kubernetes lab: the process whose mounts it has. */
  readonly mounts?: number | undefined
  /** Beside the search path and the lab's token. */
  readonly environment?: Readonly<Record<string, string>> | undefined
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
export async function startLabDaemon(
  plan: Pick<LabPlan, 'directory' | 'token'>,
  daemon: LabDaemon,
): Promise<RunningDaemon> {
  record(plan.directory, { kind: 'daemon', role: daemon.role })
  const { engine } = daemon
  if (engine !== undefined) {
    const { startInContainer } = await import('./container-daemon.ts')
    const started = await startInContainer({ token: plan.token, daemon, engine })
    record(plan.directory, { kind: 'process', role: daemon.role, process: started })
    return { ...daemon, process: started }
  }
  const path = commandSearchPath(process.env.PATH)
  const env = {
    ...daemon.environment,
    PATH: path,
    HOME: daemon.directory,
    [LAB_VARIABLE]: plan.token,
  }
  const argv = [...netnsPrefix(daemon.namespace, daemon.mounts), ...daemon.argv]
  const pid = await startDaemon(argv, { logFile: daemon.logFile, cwd: daemon.directory, env })
  const identity = identify(pid) ?? { pid, start: 'ended at once' }
  record(plan.directory, { kind: 'process', role: daemon.role, process: identity })
  return { ...daemon, process: identity }
}

const COMPLAINT = /^[EF]\d{4} |panic|error|fatal/i
const MAX_WORDS = 300

/** What a daemon's log ends with: its last complaints, or its last lines when there are none. */
export function lastLogLines(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').slice(-20_000).trim().split('\n')
  const complaints = lines.filter((line) => COMPLAINT.test(line))
  const words = (complaints.length > 0 ? complaints : lines).slice(-2).map((line) => line.slice(0, MAX_WORDS))
  return stripControl(words.join(' | '))
}

/** A log may carry what somebody wrote into etcd: nothing of it may steer the terminal. */
export function stripControl(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}

/** Why it cannot do its work any more, when it has ended; undefined while it runs. */
export function endedDaemon(daemon: RunningDaemon): string | undefined {
  return isRunning(daemon.process) ? undefined : `${daemon.role} ended: ${lastLogLines(daemon.logFile)}`
}

/** The words a daemon runs with, to start it again with them. Throws LabError when it does not run. */
export function wordsOfRunning(pid: number, role: string): readonly string[] {
  const words = commandWords(pid)
  if (words === undefined) throw new LabError('failed', `${role} does not run`)
  return words
}
