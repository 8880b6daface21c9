/**
 * Commands that a program of this machine starts elsewhere (`docker exec`, `kubectl exec`): they go on when that program
 * is killed. So each carries a variable of its own, and whoever gives it up kills what has that variable.
 */
import { randomBytes } from 'node:crypto'
import type { CommandEnd, RunningCommand, RunOptions } from './runner.ts'
import { open, run } from './spawn.ts'

const RUN_VARIABLE = 'FLANNEL_DOCTOR_RUN'

/** Sends signal $1 to every process that has $2 in its environment. Builtins and grep only: small images have both. */
const SIGNAL_SCRIPT = `exec 2>/dev/null
for p in /proc/[0-9]*; do
  grep -q -- "$2" "$p/environ" && kill -s "$1" "\${p#/proc/}"
done
exit 0`

/** How to get inside. */
export interface Entrance {
  /** Words before a command that gets `NAME=value` in its environment and our standard input. */
  readonly withVariable: (variable: string) => readonly string[]
  /** Words before any other. */
  readonly plain: readonly string[]
}

/** One command and what it is started from it. */
export interface TaggedCall {
  /** Words before the command. */
  readonly words: readonly string[]
  /** Never rejects: a place that is gone has nothing left to signal. */
  readonly signal: (signal: 'INT' | 'KILL') => Promise<void>
}

/** A call that can be ended. */
export function tagged({ withVariable, plain }: Entrance): TaggedCall {
  const tag = `${RUN_VARIABLE}=${randomBytes(8).toString('hex')}`
  return {
    words: withVariable(tag),
    async signal(signal) {
      await run([...plain, 'sh', '-c', SIGNAL_SCRIPT, 'sh', signal, tag]).catch(() => undefined)
    },
  }
}

/** Starts the command inside; it is stopped there and not only here. */
export async function openTagged(
  { words, signal }: TaggedCall,
  argv: readonly string[],
  options?: Pick<RunOptions, 'signal'>,
): Promise<RunningCommand> {
  const running = await open([...words, ...argv])
  const stop = async (graceMs = 1000): Promise<CommandEnd> => {
    await signal(graceMs > 0 ? 'INT' : 'KILL')
    const timer = setTimeout(() => void signal('KILL').then(() => running.stop(0)), graceMs)
    const end = await running.ended
    clearTimeout(timer)
    return end
  }
  options?.signal?.addEventListener('abort', () => void stop(0), { once: true })
  return { ...running, stop }
}
