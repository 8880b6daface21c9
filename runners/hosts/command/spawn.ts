/**
 * The only door to processes: argv in, result out. Every command has a deadline, a
 * bound on its output and a process group of its own that is killed as a whole, so
 * that no grandchild survives or holds a pipe open.
 */
import { type ChildProcess, spawn as nodeSpawn, type StdioOptions } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { boundedText } from './bounded-text.ts'
import { rememberDaemon } from './daemon-ends.ts'
import { streams } from './held-file.ts'
import {
  type CommandEnd,
  type CommandResult,
  RunnerError,
  type RunningCommand,
  type RunOptions,
} from './runner.ts'

/** Deadline of a command that names none. */
export const DEFAULT_TIMEOUT_MS = 10_000
/** 64 MiB: iptables-save of a large Kubernetes node is a few MiB. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024

const openGroups = new Set<number>()

/** No command outlives this process, however it exits. */
function killOpenGroups(): void {
  for (const pid of openGroups) killGroup(pid, 'SIGKILL')
}
process.on('exit', killOpenGroups)

/** Signals a whole process group; one that is gone is no error. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Why a command does not start. */
export function startProblem([command = '']: readonly string[], error: NodeJS.ErrnoException): RunnerError {
  if (error.code === 'ENOENT') return new RunnerError('not-installed', `${command}: command not found`)
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new RunnerError('not-permitted', `${command}: not permitted to run it`)
  return new RunnerError('gone', `${command}: ${error.code ?? error.message}`)
}

/** Starts a command in a process group that does not outlive us. Throws RunnerError. */
export function start(argv: readonly string[], stdio: StdioOptions): ChildProcess {
  const [command, ...args] = argv
  if (command === undefined) throw new RunnerError('gone', 'empty command')
  if (argv.some((word) => word.includes('\0')))
    throw new RunnerError('gone', `${command}: NUL byte in an argument`)
  const child = nodeSpawn(command, args, { stdio, detached: true })
  rememberGroup(child)
  return child
}

function rememberGroup(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined) return
  openGroups.add(pid)
  child.once('close', () => openGroups.delete(pid))
}

/** node's own spawn for the shell wrapper (zx.ts); the child's group is among those `killOpenGroups` kills. */
export const trackedSpawn = ((...words: Parameters<typeof nodeSpawn>) => {
  const child = nodeSpawn(...words)
  rememberGroup(child)
  return child
}) as typeof nodeSpawn

/** Where a daemon writes and what it finds around it. */
export interface DaemonOptions {
  /** File that takes its stdout and stderr. */
  readonly logFile: string
  readonly cwd: string
  /** Its whole environment: nothing of ours is inherited. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Starts a daemon that outlives this process, in a session of its own, and gives its pid.
 * Rejects with RunnerError when it cannot be started.
 */
export async function startDaemon(argv: readonly string[], options: DaemonOptions): Promise<number> {
  const [command = '', ...args] = argv
  const log = openSync(options.logFile, 'a', 0o600)
  try {
    const { cwd, env } = options
    const child = nodeSpawn(command, args, { cwd, env, stdio: ['ignore', log, log], detached: true })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (error) => reject(startProblem(argv, error)))
    })
    child.unref()
    return rememberDaemon(child)
  } finally {
    closeSync(log)
  }
}

/** A killed command's pipes may be held by another group, as those of ssh by its connection; what it wrote is here by then. */
const HELD_MS = 200
function letGo({ stdio }: ChildProcess): void {
  for (const stream of stdio) stream?.destroy()
}

/** Kills a command's group; it is over when its own process is, whoever else holds its pipes. */
export function killAndLetGo(child: ChildProcess): void {
  const leave = (): void => void setTimeout(letGo, HELD_MS, child)
  if (child.exitCode !== null || child.signalCode !== null) leave()
  else child.once('exit', leave)
  if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL')
}

/**
 * Runs a command to its end.
 * Rejects with RunnerError when it cannot be started; a non-zero exit is data. With `holdStdin` its input stays open
 * behind `stdin` for as long as we live, so that its end tells the command of ours.
 */
export function run(
  argv: readonly string[],
  options: RunOptions & { readonly holdStdin?: boolean } = {},
): Promise<CommandResult> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES, signal, stdin, onStdout } = options
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const child = start(argv, streams(stdin === undefined ? 'ignore' : 'pipe'))
    const out: Buffer[] = []
    let size = 0
    let forced: CommandEnd | undefined
    const force = (end: CommandEnd): void => {
      if (forced === undefined) killAndLetGo(child)
      forced ??= end
    }
    const timer = setTimeout(() => force({ timedOut: true }), timeoutMs)
    const cancel = (): void => force({ cancelled: true })
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted) cancel()
    const flooded = (): void => force({ overflow: true })
    const readStderr = boundedText(child.stderr as NodeJS.ReadableStream, maxBytes, flooded)
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) flooded()
      else out.push(chunk)
      onStdout?.(chunk)
    })
    child.stdin?.on('error', () => {}) // the command ended without reading: its exit status tells
    if (options.holdStdin === true) child.stdin?.write(stdin)
    else child.stdin?.end(stdin)
    const release = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
    }
    child.once('error', (error) => {
      release()
      reject(startProblem(argv, error))
    })
    child.once('close', (code, exitSignal) => {
      release()
      const end = forced ?? (exitSignal === null ? { exit: code ?? 0 } : { signal: exitSignal })
      const [stdout, stderr] = [Buffer.concat(out), readStderr()]
      resolve({ argv, end, stdout, stderr, ms: performance.now() - startedAt })
    })
  })
}

/** Starts a command that runs until it is stopped. Rejects with RunnerError when it cannot be started. */
export async function open(
  argv: readonly string[],
  options: Pick<RunOptions, 'signal'> = {},
): Promise<RunningCommand> {
  const child = start(argv, streams('ignore'))
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(startProblem(argv, error)))
  })
  const pid = child.pid as number
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('close', (code, signal) => resolve(signal === null ? { exit: code ?? 0 } : { signal }))
  })
  const stop = async (graceMs = 1000): Promise<CommandEnd> => {
    killGroup(pid, 'SIGINT')
    const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs)
    const end = await ended
    clearTimeout(timer)
    return end
  }
  options.signal?.addEventListener('abort', () => void stop(0), { once: true })
  if (options.signal?.aborted) void stop(0)
  return {
    pid,
    stdout: child.stdout as AsyncIterable<Uint8Array>,
    stderr: child.stderr as AsyncIterable<Uint8Array>,
    ended,
    stop,
  }
}
