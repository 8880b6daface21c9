/**
 * A host reached with OpenSSH's `ssh`: `ssh://[user@]host[:port]`. The user's own configuration applies: names,
 * users, keys, jump hosts. Every command is one session over a connection that all of them share.
 */
import { randomBytes } from 'node:crypto'
import { type CommandResult, type Runner, RunnerError, type RunOptions } from '../command/runner.ts'
import { DEFAULT_TIMEOUT_MS, run } from '../command/spawn.ts'
import { afterMark } from './after-mark.ts'
import { type Held, holdConnection } from './connection.ts'
import { beginMark, remoteCommand, splitEndMark } from './remote-command.ts'
import { openSession } from './session.ts'
import { type SshDestination, sessionArgv, shownArgv } from './ssh-argv.ts'
import { connectionLost, connectProblem, noShell } from './ssh-problem.ts'

/** Exit status of ssh when the connection failed; a command may end with it as well. */
const SSH_FAILED = 255
/** The far side ends a command by itself that much after we should have. */
const SPARE_SECONDS = 5

/** What one run over ssh brought back: the command's own, or the reason why it did not run. */
function own(target: SshDestination, token: string, result: CommandResult): CommandResult {
  const { via } = target
  const stdout = afterMark(beginMark(token))(result.stdout)
  const { said, exit } = splitEndMark(token, result.stderr)
  const from = said.indexOf(beginMark(token))
  const stderr = from < 0 ? said : said.slice(from + beginMark(token).length)
  const { end } = result
  if (!('exit' in end)) return { ...result, stdout: stdout ?? new Uint8Array(), stderr }
  if (stdout === undefined) {
    const words = Buffer.from(result.stdout).toString('utf8')
    throw end.exit === SSH_FAILED ? connectProblem(via, result.stderr) : noShell(via, words, result.stderr)
  }
  if (end.exit === SSH_FAILED && exit === undefined) throw connectionLost(via, stderr)
  return { ...result, stdout, stderr }
}

async function runOver(
  target: SshDestination,
  { files }: Held,
  [argv, options]: readonly [readonly string[], RunOptions],
): Promise<CommandResult> {
  const token = randomBytes(16).toString('hex')
  const { stdin, timeoutMs = DEFAULT_TIMEOUT_MS, onStdout } = options
  const command = remoteCommand(token, argv, { stdin, seconds: timeoutMs / 1000 + SPARE_SECONDS })
  const behind = afterMark(beginMark(token))
  const heard = (chunk: Uint8Array): void => {
    const rest = behind(chunk)
    if (rest !== undefined && rest.length > 0) onStdout?.(rest)
  }
  const words = sessionArgv(target, files, command.line)
  const result = await run(words, { ...options, stdin: command.input, onStdout: heard, holdStdin: true })
  return own(target, token, { ...result, argv: shownArgv(target, argv) })
}

/** The connection, or undefined when the caller did not want to wait for it any longer. */
async function heldUnless(
  signal: AbortSignal | undefined,
  target: SshDestination,
): Promise<Held | undefined> {
  const held = holdConnection(target)
  if (signal === undefined) return held
  const { promise: given, resolve } = Promise.withResolvers<undefined>()
  const giveUp = (): void => resolve(undefined)
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  const first = await Promise.race([held, given]).finally(() => signal.removeEventListener('abort', giveUp))
  if (first === undefined) held.then(({ release }) => release()).catch(() => {})
  return first
}

/**
 * A runner over ssh. `run` and `open` reject with RunnerError: `unreachable`, `auth`, `host-key`, `no-shell`, and
 * `gone` when the connection ends under a command.
 */
export function sshRunner(
  place: Pick<Runner, 'kind' | 'host' | 'via'>,
  reach: () => Promise<SshDestination>,
): Runner {
  return {
    ...place,
    run: async (argv, options = {}) => {
      const target = await reach()
      const held = await heldUnless(options.signal, target)
      if (held === undefined) {
        const stderr = `${target.via}: not connected yet\n`
        return {
          argv: shownArgv(target, argv),
          end: { cancelled: true },
          stdout: new Uint8Array(),
          stderr,
          ms: 0,
        }
      }
      return runOver(target, held, [argv, options]).finally(held.release)
    },
    open: async (argv, { signal } = {}) => {
      const target = await reach()
      const held = await heldUnless(signal, target)
      if (held === undefined) throw new RunnerError('gone', `${target.via}: not connected yet`)
      const token = randomBytes(16).toString('hex')
      const command = remoteCommand(token, argv, {})
      const words = sessionArgv(target, held.files, command.line)
      const running = await openSession({ argv: words, command, token, signal })
      void running.ended.then(held.release)
      return running
    },
    close: async () => {}, // a connection that nothing uses closes by itself
  }
}
