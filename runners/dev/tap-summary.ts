/** Reads AVA's TAP and keeps what a person wants: failures in full, reasons of skips, the totals. */

/** What became of one test. `text` is the whole TAP block of a failure. */
export interface TapTest {
  readonly end: 'passed' | 'failed' | 'skipped' | 'todo'
  readonly title: string
  readonly text: string
}

const POINT = /^(ok|not ok) \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/

function endOf(ok: boolean, directive: string | undefined): TapTest['end'] {
  if (directive === 'SKIP') return 'skipped'
  if (directive === 'TODO') return 'todo'
  return ok ? 'passed' : 'failed'
}

/** Takes TAP line by line and gives a test as soon as its block is complete. */
export function tapReader(onTest: (test: TapTest) => void): { line(text: string): void; end(): void } {
  let open: { end: TapTest['end']; title: string; lines: string[] } | undefined
  const close = (): void => {
    if (open !== undefined) onTest({ end: open.end, title: open.title, text: open.lines.join('\n') })
    open = undefined
  }
  return {
    line(text) {
      const point = POINT.exec(text)
      if (point !== null) {
        close()
        const [, verdict, title = '', directive] = point
        open = { end: endOf(verdict === 'ok', directive), title, lines: [title] }
      } else if (/^1\.\.\d+$/.test(text)) close()
      else if (open !== undefined && text.trim() !== '') open.lines.push(text)
    },
    end: close,
  }
}

/** Totals of a run. */
export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function countTests(tests: readonly TapTest[]): Totals {
  const count = (...ends: TapTest['end'][]): number => tests.filter((test) => ends.includes(test.end)).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped', 'todo') }
}

/** Titles of skipped tests by reason, the text after `# needs`. */
export function skipsByReason(tests: readonly TapTest[]): ReadonlyMap<string, readonly string[]> {
  const skips = new Map<string, string[]>()
  for (const { end, title } of tests) {
    if (end !== 'skipped' && end !== 'todo') continue
    const [name = '', reason = end === 'todo' ? 'not written yet' : 'no reason given'] = title.split(/ \\?# /)
    skips.set(reason, [...(skips.get(reason) ?? []), name])
  }
  return skips
}

/** The last line of a run. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
