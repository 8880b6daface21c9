/**
 * A command as it goes over ssh. The login shell, whichever it is, parses one fixed line without quotes inside
 * quotes; our words come behind it on standard input, quoted for the POSIX shell that reads them. So no word
 * is seen by a shell that would read it differently, and none shows in the process list.
 *
 * On the far side the command gets a session of its own, and a watcher that waits for the end of standard input:
 * it comes when the command is stopped, when ssh is killed and when the connection is lost. sshd itself leaves
 * commands without a terminal running.
 */
import { posixQuote } from '../command/quote.ts'
import { RunnerError } from '../command/runner.ts'

export interface RemoteCommand {
  /** The words of the command line of ssh, behind the host. */
  readonly line: string
  /** What is written to its standard input first; the input then stays open for as long as the command may run. */
  readonly input: string
}

export interface RemoteInput {
  readonly stdin?: string | undefined
  /** Seconds after which the far side ends it without being told; absent for a command that goes on until it is stopped. */
  readonly seconds?: number | undefined
}

/** The line that stands before a command's own output, on both streams. */
export function beginMark(token: string): string {
  return `\n${token} begin\n`
}

const END_MARK = 'end'

/** Splits the end mark off what a command with a limit said: its own words, and its exit status where the mark came. */
export function splitEndMark(
  token: string,
  stderr: string,
): { readonly said: string; readonly exit?: number } {
  const at = stderr.lastIndexOf(`\n${token} ${END_MARK} `)
  if (at < 0) return { said: stderr }
  const exit = Number(stderr.slice(at).trim().split(' ').at(-1))
  return { said: stderr.slice(0, at), exit }
}

/**
 * Ends the command that replaces this shell: SIGINT to its group, SIGKILL a second later. `timeout` is used only where
 * it takes its duration as GNU's does; BusyBox before 1.30 does not.
 */
function guard(seconds: number | undefined): string {
  const limit = seconds === undefined ? '' : `timeout 9 true && limit="timeout ${Math.ceil(seconds)}"; `
  return `{ limit=; ${limit}$limit cat <&3; kill -0 $$ && { kill -INT -$$ || kill -INT $$; sleep 1; kill -KILL -$$ || kill -KILL $$; }; } >/dev/null 2>&1 </dev/null &
exec 3<&-
exec "$@"`
}

function script(token: string, argv: readonly string[], { stdin, seconds }: RemoteInput): string {
  const words = ['sh', '-c', guard(seconds), 'sh', ...argv].map(posixQuote).join(' ')
  const end = seconds === undefined ? '' : `printf '\\n${token} ${END_MARK} %s\\n' "$status" >&2\n`
  const input = stdin === undefined ? ['', ' </dev/null'] : [`printf %s ${posixQuote(stdin)} | `, '']
  return `exec 3<&0
if command -v setsid >/dev/null 2>&1; then own=setsid; else own=; fi
printf '\\n${token} begin\\n'; printf '\\n${token} begin\\n' >&2
${input[0]}$own ${words}${input[1]}
status=$?
${end}exit "$status"
`
}

/** Runs what it reads as root where `sudo` lets it without asking, else as it is. */
function loginLine(bytes: number): string {
  const root = `as="sudo -n"; [ "$(id -u)" -ne 0 ] && $as sh -c : </dev/null >/dev/null 2>&1 || as=; exec $as sh -c "$0"`
  return `exec sh -c '${root}' 'eval "$(head -c ${bytes})"'`
}

/**
 * The form of a command for ssh; `token` must be in nothing that the host may print.
 * Throws RunnerError for a NUL, which no word of a command can hold.
 */
export function remoteCommand(token: string, argv: readonly string[], given: RemoteInput): RemoteCommand {
  if (argv.length === 0) throw new RunnerError('gone', 'empty command')
  if ([...argv, given.stdin ?? ''].some((word) => word.includes('\0'))) {
    throw new RunnerError('gone', `${argv[0]}: NUL byte in an argument`)
  }
  const input = script(token, argv, given)
  return { line: loginLine(Buffer.byteLength(input)), input }
}
