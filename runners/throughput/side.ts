/** One side of a measurement: where it runs, and why a command there gave no figure. */
import { oneLine } from '../collect/section/absence.ts'
import { type CommandEnd, type Runner, RunnerError } from '../hosts/command/runner.ts'

/** A host or a container; the programs are always the host's, entered into the container's network. */
export interface Side {
  readonly host: string
  /** Works in the network of that host or container. */
  readonly runner: Runner
  /** In the environment of everything that is started there, see `guarded-command.ts`. */
  readonly token: string
}

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
export function commandFailure({ command, host, end, said }: EndedCommand): string {
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
export function entryFailure(host: string, error: unknown): string {
  if (error instanceof RunnerError) return `${host}: ${error.message}`
  throw error
}
