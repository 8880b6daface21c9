/** Whether a watch of nodes that failed works again: client-go says nothing of that (`tools/cache/reflector.go`). */
import type { LogLine } from '../model/flanneld-log.ts'

const FAILED = /^"?Failed to (?:watch|list)\b|: Failed to (?:watch|list) \*v1\.Node/
/** What only a watch that works leads to. */
const WORKS = /^Creating the node lease|^Received Subnet Event/

/** NewExponentialBackoffManager(800ms, 30s, 2min, 2.0, 1.0): the pause doubles, and up to as much again is added. */
const FIRST_SECONDS = 0.8
const LONGEST_SECONDS = 30
const RESET_SECONDS = 120
/** On a busy machine an answer takes a while; a server that is silent is given up after the dialer's 30 s. */
const ANSWER_SECONDS = { forbidden: 15, silent: 35 }

/** Seconds within which a watch that fails again says so. */
function silentFor(failures: number, text: string): number {
  const pause = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (failures - 1)) * 2
  return pause + (/is forbidden|Unauthorized/.test(text) ? ANSWER_SECONDS.forbidden : ANSWER_SECONDS.silent)
}

/** True where `line`, of that run of flanneld, tells of a watch that failed, and of none that still fails. */
export function isWatchBack(line: LogLine, run: readonly LogLine[]): boolean {
  if (!FAILED.test(line.text)) return false
  if (run.slice(run.lastIndexOf(line) + 1).some(({ text }) => WORKS.test(text))) return true
  const { ageSeconds: age = 0 } = line
  const failures = run.filter(
    ({ text, ageSeconds = 0 }) => FAILED.test(text) && ageSeconds <= age + RESET_SECONDS,
  )
  return age > silentFor(failures.length, line.text)
}
