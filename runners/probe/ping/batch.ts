/** Many pings in one round trip: the shell of one host sends them, and what it told of each is read. */

import type { PingReading } from '../../../checks/model/observation.ts'
import { present } from '../../../checks/model/present.ts'
import type { HostName } from '../../../checks/model/snapshot.ts'
import { type CommandRecord, exitText } from '../../collect/collect.ts'
import { frameToken } from '../../collect/section/frames.ts'
import type { Runner } from '../../hosts/command/runner.ts'
import { jobsTold, patience, unrunProblem } from '../jobs/script-jobs.ts'
import { PING_WAIT_S } from './argv.ts'
import { ASKED_BEFORE, batchScript, type PingJob, type SendingOptions } from './batch-script.ts'
import { parsePing } from './parse.ts'
import { parseAnswered } from './sent-together.ts'

export interface BatchOptions extends SendingOptions {
  readonly signal?: AbortSignal
}

export interface Batch {
  /** One reading per job, in the order of the jobs. */
  readonly readings: readonly PingReading[]
  readonly commands: readonly CommandRecord[]
}

/** What ping(8) said; requests that had no answer before count as well. */
function askedAlone(text: string, { address, count }: PingJob, status: number | undefined): PingReading {
  const reading = parsePing(text, address, status)
  const isAgain = reading.problem === undefined && text.startsWith(ASKED_BEFORE)
  return isAgain ? { ...reading, sent: count + reading.sent } : reading
}

/** Milliseconds that the longest of these pings takes. */
function longestMs(jobs: readonly PingJob[], interval: number): number {
  const sending = Math.max(...jobs.map(({ count }) => count), 1) * Math.max(interval, 0.2)
  return (sending + PING_WAIT_S) * 1000
}

function without(jobs: readonly PingJob[], problem: NonNullable<PingReading['problem']>): Batch {
  return { readings: jobs.map(() => ({ sent: 0, received: 0, problem })), commands: [] }
}

function commandOf(host: HostName, ms: number, end: string): CommandRecord {
  return { host, argv: ['sh', '-s'], ms, end, beganAt: Date.now() - ms }
}

/**
 * Sends the pings of one host. Never rejects for the host's sake: a ping that could not be sent
 * is a reading with a problem, and so is every ping of a host that cannot be entered.
 */
export async function pingBatch(
  runner: Runner,
  jobs: readonly PingJob[],
  { signal, interval = 0.02, isArrivalEnough = false }: BatchOptions = {},
): Promise<Batch> {
  if (jobs.length === 0) return { readings: [], commands: [] }
  const token = frameToken()
  try {
    const stdin = batchScript(token, jobs, { interval, isArrivalEnough })
    const timeoutMs = patience(jobs.length, longestMs(jobs, interval))
    const result = await runner.run(['sh', '-s'], { stdin, timeoutMs, ...present({ signal }) })
    const told = jobsTold(result.stdout, token)
    const readings = jobs.map((job, index) => {
      const { text, status } = told.get(`p${index}`) ?? { text: '' }
      return parseAnswered(text) ?? askedAlone(text, job, status)
    })
    return { readings, commands: [commandOf(runner.host, result.ms, exitText(result.end))] }
  } catch (error) {
    return without(jobs, unrunProblem(error))
  }
}
