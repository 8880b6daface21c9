/** Why a command gave no figure, in one sentence. */
import { oneLine } from '../collect/section/absence.ts'
import { type CommandEnd, RunnerError } from '../hosts/command/runner.ts'

/** Exit status of timeout(1) and of shells for a command that is not there. */
const NOT_FOUND = 127

export interface EndedCommand {
  readonly command: 'iperf3' | 'ping'
  readonly host: string
  readonly end: CommandEnd
  /** Whatever it printed about it. */
  readonly said: string
}

const PACKAGES = { iperf3: 'iperf3', ping: 'iputils-ping' } as const

/** The sentence of a command that ended without a figure. */
export function endWords({ command, host, end, said }: EndedCommand): string {
  if ('cancelled' in end) return `${command} on ${host} was interrupted`
  if ('timedOut' in end) return `${command} on ${host} did not end in time`
  if ('overflow' in end) return `${command} on ${host} printed too much`
  if ('exit' in end && end.exit === NOT_FOUND && !said.includes('nsenter')) {
    return `${command} is not installed on ${host}: install the package ${PACKAGES[command]} there`
  }
  const how = 'exit' in end ? `exit ${end.exit}` : end.signal
  return `${command} on ${host} ended with ${how}${said === '' ? '' : `: ${oneLine(said)}`}`
}

/** The sentence of a host that could not be entered. Throws what is no trouble of a runner. */
export function runnerWords(host: string, error: unknown): string {
  if (error instanceof RunnerError) return `${host}: ${error.message}`
  throw error
}
