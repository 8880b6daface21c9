/**
 * The contract of a runner: how commands reach one host. Two primitives, everything
 * else is built on them. A non-zero exit is data; only an unusable transport rejects.
 */

export type RunnerKind = 'local' | 'netns' | 'replay' | 'ssh' | 'docker' | 'vagrant' | 'kubectl'

/** True for a runner of this machine: its kernel, processes and clock are ours. */
export function isHere({ kind }: { readonly kind: RunnerKind }): boolean {
  return kind === 'local' || kind === 'netns'
}

/** How a command ended. `overflow`: killed because it printed more than the limit. */
export type CommandEnd =
  | { readonly exit: number }
  | { readonly signal: string }
  | { readonly timedOut: true }
  | { readonly cancelled: true }
  | { readonly overflow: true }

export interface CommandResult {
  readonly argv: readonly string[]
  readonly end: CommandEnd
  readonly stdout: Uint8Array
  readonly stderr: string
  /** Wall time in milliseconds. */
  readonly ms: number
}

export interface RunOptions {
  readonly stdin?: string
  /** Deadline in milliseconds; every command has one. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Bytes of stdout kept before the command is killed. */
  readonly maxBytes?: number
  /** Called with each chunk of stdout as it arrives. */
  readonly onStdout?: (chunk: Uint8Array) => void
}

/** A command that goes on until it is stopped (captures, daemons of the lab). */
export interface RunningCommand {
  readonly pid: number
  readonly stdout: AsyncIterable<Uint8Array>
  readonly stderr: AsyncIterable<Uint8Array>
  /** Resolves when the command has ended; never rejects. */
  readonly ended: Promise<CommandEnd>
  /** SIGINT to the process group, SIGKILL after `graceMs` (default 1000). */
  stop(graceMs?: number): Promise<CommandEnd>
}

export interface Runner {
  readonly kind: RunnerKind
  readonly host: string
  /** The host URL it was made from, for the report. */
  readonly via: string
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>
  open(argv: readonly string[], options?: Pick<RunOptions, 'signal'>): Promise<RunningCommand>
  close(): Promise<void>
}

export type RunnerProblem =
  | 'unreachable'
  | 'auth'
  | 'host-key'
  | 'no-shell'
  | 'not-permitted'
  | 'not-installed'
  | 'gone'

/** The transport itself failed: the host cannot be reached or may not be entered. */
export class RunnerError extends Error {
  readonly problem: RunnerProblem
  constructor(problem: RunnerProblem, message: string) {
    super(message)
    this.name = 'RunnerError'
    this.problem = problem
  }
}
