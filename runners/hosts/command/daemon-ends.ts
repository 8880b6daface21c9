/** How the daemons that this process has started ended: only the starter of a process learns that. */
import type { CommandEnd } from './runner.ts'

/** What is needed of a child process. */
interface Child {
  readonly pid?: number | undefined
  once(event: 'exit', heard: (exit: number | null, signal: string | null) => void): unknown
}

/** By pid; undefined while it runs. */
const daemons = new Map<number, CommandEnd | undefined>()

/** Remembers a daemon that was just started and gives its pid. */
export function rememberDaemon(child: Child): number {
  const pid = child.pid as number
  daemons.set(pid, undefined)
  child.once('exit', (exit, signal) => daemons.set(pid, signal === null ? { exit: exit ?? 0 } : { signal }))
  return pid
}

/** True for a daemon that this process started. */
export function isOurDaemon(pid: number): boolean {
  return daemons.has(pid)
}

/** How it ended; undefined while it runs, or where another process started it. */
export function daemonEnd(pid: number): CommandEnd | undefined {
  return daemons.get(pid)
}
