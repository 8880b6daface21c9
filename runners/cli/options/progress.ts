/**
 * What a person waiting is told: a live line on a terminal, plain lines where there is none and they were asked for.
 * Nothing is said of a run that takes less than a second.
 */
import { printable } from '../../../reports/layout/printable.ts'
import type { ShowProgress } from '../../show-progress.ts'

/** Where progress is shown: standard error. */
export interface ProgressScreen {
  readonly tty: boolean
  readonly columns: number
  readonly write: (text: string) => void
}

export interface ProgressSettings {
  readonly deadlineSeconds: number
  /** Lines where there is no terminal. */
  readonly plain: boolean
  /** When the run has ended, whatever was going on. */
  readonly signal: AbortSignal
}

const QUIET_MS = 1000
/** After the beginning of a step. */
const FIRST_MS = 1050
const LIVE_MS = 250
const PLAIN_MS = 5000
const CLEAR = '\r\u001b[2K'

/** Shows what a run does, with the time that it has left; undefined where nobody wants to know. */
export function liveProgress(
  screen: ProgressScreen,
  { deadlineSeconds, plain, signal }: ProgressSettings,
): ShowProgress | undefined {
  if (!screen.tty && !plain) return undefined
  const began = performance.now()
  return (what) => {
    let isShown = false
    const show = (): void => {
      const ms = performance.now() - began
      if (ms < QUIET_MS) return
      const left = Math.max(0, Math.ceil(deadlineSeconds - ms / 1000))
      const text = printable(`${what()}; the run ends in at most ${left} s`, 500)
      isShown = true
      screen.write(screen.tty ? `${CLEAR}${text.slice(0, Math.max(20, screen.columns - 1))}` : `${text}\n`)
    }
    const timer = setInterval(show, screen.tty ? LIVE_MS : PLAIN_MS).unref()
    const early = setTimeout(show, FIRST_MS).unref() // of a step that is over before its first line is due
    const end = (): void => {
      clearInterval(timer)
      clearTimeout(early)
      if (isShown && screen.tty) screen.write(CLEAR)
      isShown = false
      signal.removeEventListener('abort', end)
    }
    signal.addEventListener('abort', end, { once: true })
    return end
  }
}
