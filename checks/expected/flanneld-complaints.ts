/** What the flanneld of a host complains about now: which of its words of trouble still count. */
import type { FlanneldLog, LogLine, LogTail } from '../model/flanneld-log.ts'
import { type Complaint, KNOWN_WORDS } from './flanneld-words.ts'
import { isWatchBack } from './watch-retries.ts'

/** A start of flanneld: what stands before it was said by an earlier run. */
const START = /^CLI flags config|^Determining IP address of default interface|^Installing signal handlers/
/** What it says when its work goes on: errors before are over. */
const RECOVERY =
  /^Running backend|^Wrote subnet file|^Lease acquired|^Lease renewed|^Found network config|^Waiting for .* to renew lease|^Subnet added|^Allocated lease|reusing$|bootstrap done|sending reset results|^Node controller sync successful/

/** Errors that do not end with the next good sign: the start goes on without what failed. */
const LASTING: ReadonlySet<Complaint> = new Set([
  'subnet-file-not-written',
  'rules-not-written',
  'entries-not-written',
])

/** What it says when it is up: by then it has read the configuration and has its lease, link and file. */
const UP = /^Running backend|^Wrote subnet file|^Lease renewed|^Waiting for .* to renew lease|bootstrap done/

/** A line that tells of trouble, and what trouble. */
export interface Complaining {
  readonly complaint: Complaint
  /** The log has this run from its start on, and it has not come up. */
  readonly isStarting?: boolean
  readonly line: LogLine
  readonly tail: LogTail
}

function isTrouble({ level, text }: LogLine): boolean {
  if (level === 'error' || level === 'fatal') return true
  if (level === undefined)
    return KNOWN_WORDS[0]?.says.test(text) === true || KNOWN_WORDS[1]?.says.test(text) === true
  return level === 'warning' && /Failed to write subnet file|Lease has been revoked/.test(text)
}

/** What a line of trouble means. */
function meaningOf(text: string): Complaint {
  return KNOWN_WORDS.find(({ says }) => says.test(text))?.means ?? 'unknown'
}

/** The lines of the last run: those of the process where it is known to write there, else from its last start on. */
function lastRun({ lines }: LogTail, pids: ReadonlySet<number>): readonly LogLine[] {
  const own = lines.findLastIndex(({ pid }) => pid !== undefined && pids.has(pid))
  const pid = own < 0 ? lines.findLast((line) => line.pid !== undefined)?.pid : lines[own]?.pid
  const first = lines.findIndex((line) => line.pid === pid)
  const start = lines.findLastIndex(({ text, pid: of }) => of === pid && START.test(text))
  if (pid === undefined) return lines
  return lines.slice(start < 0 ? first : start).filter((line) => line.pid === undefined || line.pid === pid)
}

/** Seconds after which an etcd that was asked is silent; an answer takes milliseconds. */
const SILENT_SECONDS = 3

/** From v0.18.0 on the first question to etcd has no deadline: nothing is said until an answer comes. */
function silentWait(
  run: readonly LogLine[],
  tail: LogTail,
  pids: ReadonlySet<number>,
): Complaining | undefined {
  const line = run.at(-1)
  if (line === undefined || !/^Installing signal handlers/.test(line.text)) return undefined
  const isRunning = pids.size > 0 && (line.ageSeconds ?? 0) >= SILENT_SECONDS
  return isRunning ? { complaint: 'etcd-unreachable', line, tail } : undefined
}

/** The last trouble of a run that no good sign followed; of one kind the last line. */
function openTrouble(run: readonly LogLine[], tail: LogTail): Complaining | undefined {
  let open: Complaining | undefined
  for (const line of run) {
    if (isTrouble(line)) {
      const complaint = meaningOf(line.text)
      // The reason why an interface was not found stands before the sentence that it was not.
      if (open === undefined || complaint !== 'unknown') open = { complaint, line, tail }
    } else if (RECOVERY.test(line.text) && open !== undefined && !LASTING.has(open.complaint))
      open = undefined
  }
  return open
}

function troubleOf(tail: LogTail, pids: ReadonlySet<number>): Complaining | undefined {
  const run = lastRun(tail, pids)
  const open = openTrouble(run, tail)
  if (open === undefined) return silentWait(run, tail, pids)
  if (isWatchBack(open.line, run)) return undefined
  const isStarting = run.some(({ text }) => START.test(text)) && !run.some(({ text }) => UP.test(text))
  return { ...open, isStarting }
}

/** What the flanneld of a host complains about now, per log; `pids` are the processes that run. */
export function complaintsOf(log: FlanneldLog, pids: readonly number[]): readonly Complaining[] {
  const running = new Set(pids)
  return log.tails.flatMap((tail) => troubleOf(tail, running) ?? [])
}

/** The command with which a person sees the log. */
export function logCommand({ from, name }: LogTail): string {
  if (from === 'journal') return `journalctl -u ${name} -n 120`
  return from === 'container' ? `docker logs --tail 120 ${name}` : `tail -n 120 ${name}`
}
