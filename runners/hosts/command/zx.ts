/**
 * zx with its traps closed, for the fixed commands of the lab. Facts about hosts are
 * collected through runners instead, whose commands are argument lists without a shell.
 *
 * Set here: /bin/sh with POSIX quoting (zx's own quoting is bash's), stdin closed (bash reads
 * ~/.bashrc when stdin is a socket), one process group per command killed as a whole at its
 * deadline (zx sends one SIGTERM and takes what comes), a failed command is an answer.
 */
import { type ProcessOutput, $ as zx } from 'zx/core'
import { present } from '../../../checks/model/present.ts'
import { commandSearchPath } from '../../setup/search-path.js'
import { streams } from './held-file.ts'
import { posixQuote } from './quote.ts'
import { DEFAULT_TIMEOUT_MS, killGroup, trackedSpawn } from './spawn.ts'

export interface ShellOptions {
  /** Text for stdin; without it stdin is closed. */
  readonly input?: string
  /** Deadline in milliseconds, default that of every command. */
  readonly timeoutMs?: number
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** How a shell command ended. `exit` is null when a signal (the deadline's SIGKILL, for one) ended it. */
export interface ShellResult {
  readonly ok: boolean
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

export type ShellWord = string | number
type ShellValue = ShellWord | readonly ShellWord[]
type ShellTag = (pieces: TemplateStringsArray, ...values: ShellValue[]) => Promise<ShellResult>

/** The quote character still open at the end of `text`, when `open` was open at its start. */
function quoteLeftOpen(text: string, open: string | undefined): string | undefined {
  let quote = open
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i)
    if (character === '\\' && quote !== "'") i++
    else if (quote !== undefined) quote = character === quote ? undefined : quote
    else if (character === '"' || character === "'" || character === '`') quote = character
  }
  return quote
}

/** Refuses what would reach the shell unquoted: values between quotes, in a here-document or after a backslash. */
function checkPieces(pieces: TemplateStringsArray): void {
  if (pieces.raw.some((piece, i) => piece !== pieces[i])) throw new TypeError('backslash escape in a command')
  let quote: string | undefined
  for (const piece of pieces.slice(0, -1)) {
    quote = quoteLeftOpen(piece, quote)
    if (quote !== undefined) throw new TypeError(`value between quotes: ${piece}`)
    if (piece.includes('<<')) throw new TypeError(`value in a here-document: ${piece}`)
  }
}

function checkValue(value: unknown): ShellValue {
  if (Array.isArray(value)) return value.flatMap((item) => checkValue(item))
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value !== 'string') throw new TypeError(`a command takes words and numbers, not ${typeof value}`)
  if (value.includes('\0')) throw new TypeError('NUL byte in a word of a command')
  return value
}

function settings(options: ShellOptions): Parameters<typeof zx>[0] {
  const { input, timeoutMs = DEFAULT_TIMEOUT_MS, cwd, env } = options
  return {
    shell: '/bin/sh',
    prefix: 'set -eu;',
    postfix: '',
    quote: posixQuote,
    spawn: trackedSpawn,
    kill: async (pid: number, signal: NodeJS.Signals = 'SIGKILL') => killGroup(Number(pid), signal),
    detached: true,
    nothrow: true,
    quiet: true,
    verbose: false,
    preferLocal: false,
    stdio: streams(input === undefined ? 'ignore' : 'pipe'),
    timeout: timeoutMs,
    timeoutSignal: 'SIGKILL',
    env: { ...process.env, PATH: commandSearchPath(process.env.PATH), LC_ALL: 'C', ...env },
    ...present({ input, cwd }),
  } as unknown as Parameters<typeof zx>[0]
}

/**
 * A template tag that runs a shell command: each value becomes exactly one word, a list as many
 * words as it has. Throws TypeError for a value that is no word or stands between quotes.
 */
export function shell(options: ShellOptions = {}): ShellTag {
  return async (pieces, ...values) => {
    checkPieces(pieces)
    const run = zx(settings(options) as object) as (
      pieces: TemplateStringsArray,
      ...values: unknown[]
    ) => Promise<ProcessOutput>
    const { exitCode, stdout, stderr } = await run(pieces, ...values.map(checkValue))
    return { ok: exitCode === 0, exit: exitCode, stdout, stderr }
  }
}

/** `shell` with its defaults. */
export const $: ShellTag = shell()
