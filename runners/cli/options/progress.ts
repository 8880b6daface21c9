/**
 * What a person waiting is told: a live line on a terminal, plain lines where there is none and they were asked for.
 * Nothing is said of a run that takes less than a second.
 */
import { hostRange } from '../../../reports/host-names.ts'
import { printable } from '../../../reports/printable.ts'
import type { HostWatch } from '../../run/collect-cluster.ts'

/** Where progress is shown: standard error. */
export interface ProgressScreen {
  readonly tty: boolean
  readonly columns: number
  readonly write: (text: string) => void
}

export interface ProgressSettings {
  readonly hosts: number
  readonly deadlineSeconds: number
  /** Lines where there is no terminal. */
  readonly plain: boolean
}

const QUIET_MS = 1000
const LIVE_MS = 250
const PLAIN_MS = 5000
const CLEAR = '\r\u001b[2K'

/** What has happened so far in one line. */
function progressText(
  answered: number,
  waiting: readonly string[],
  { hosts, deadlineSeconds, ms }: ProgressSettings & { readonly ms: number },
): string {
  const left = Math.max(0, Math.ceil(deadlineSeconds - ms / 1000))
  const slow = waiting.length === 0 ? '' : `, waiting for ${hostRange(waiting)}`
  return `${answered} of ${hosts} hosts answered${slow}; the run ends in at most ${left} s`
}

/** Watches hosts being collected and shows it; `end` takes the live line away. */
export function progress(
  screen: ProgressScreen,
  settings: ProgressSettings,
): HostWatch & { readonly end: () => void } {
  if (!screen.tty && !settings.plain) return { asked: () => {}, answered: () => {}, end: () => {} }
  const began = performance.now()
  const waiting = new Set<string>()
  let done = 0
  let isShown = false
  const show = (): void => {
    const ms = performance.now() - began
    if (ms < QUIET_MS) return
    const text = printable(progressText(done, [...waiting], { ...settings, ms }), 500)
    isShown = true
    screen.write(screen.tty ? `${CLEAR}${text.slice(0, Math.max(20, screen.columns - 1))}` : `${text}\n`)
  }
  const timer = setInterval(show, screen.tty ? LIVE_MS : PLAIN_MS).unref()
  const end = (): void => {
    clearInterval(timer)
    if (isShown && screen.tty) screen.write(CLEAR)
    isShown = false
  }
  return {
    asked: (host) => waiting.add(host),
    answered: (host) => {
      waiting.delete(host)
      done += 1
      if (done === settings.hosts) end()
    },
    end,
  }
}
