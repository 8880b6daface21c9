/** A command that goes on over ssh until it is stopped. */
import type { Writable } from 'node:stream'
import { type CommandEnd, RunnerError, type RunningCommand } from '../command/runner.ts'
import { killAndLetGo, trackedSpawn } from '../command/spawn.ts'
import { streamAfterMark } from './after-mark.ts'
import { beginMark, type RemoteCommand } from './remote-command.ts'

/** What the far side takes to end a command that ignores SIGINT, and to say so. */
const FAR_GRACE_MS = 2500

interface SessionStart {
  readonly argv: readonly string[]
  readonly command: RemoteCommand
  readonly token: string
  readonly signal?: AbortSignal | undefined
}

/** Starts ssh. Stopping closes its input, at which the far side ends the command as `stop` promises. */
export async function openSession({ argv, command, token, signal }: SessionStart): Promise<RunningCommand> {
  const [ssh = '', ...words] = argv
  const child = trackedSpawn(ssh, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const stdin = child.stdin as Writable
  stdin.on('error', () => {}) // ssh ended without reading: `ended` tells
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(new RunnerError('not-installed', `ssh: ${error.message}`)))
  })
  stdin.write(command.input)
  const pid = child.pid as number
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('close', (code, by) => resolve(by === null ? { exit: code ?? 0 } : { signal: by }))
  })
  const stop = async (graceMs = 1000): Promise<CommandEnd> => {
    stdin.end()
    const timer = setTimeout(killAndLetGo, graceMs === 0 ? 0 : graceMs + FAR_GRACE_MS, child)
    const end = await ended
    clearTimeout(timer)
    return end
  }
  signal?.addEventListener('abort', () => void stop(0), { once: true })
  const mark = beginMark(token)
  return {
    pid,
    stdout: streamAfterMark(child.stdout as AsyncIterable<Uint8Array>, mark),
    stderr: streamAfterMark(child.stderr as AsyncIterable<Uint8Array>, mark),
    ended,
    stop,
  }
}
