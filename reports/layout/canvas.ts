/** Colour and line breaking for text output. */
import stringWidth from 'string-width'
import { printable } from './printable.ts'

/** What text is drawn on. */
export interface Canvas {
  readonly color: boolean
  /** Columns. */
  readonly width: number
}

const LABEL_WIDTH = 10

const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1 } as const

/** Wraps text in a colour sequence, or leaves it alone. */
export function style(content: string, color: keyof typeof CODES, enabled: boolean): string {
  return enabled ? `\u001b[${CODES[color]}m${content}\u001b[0m` : content
}

/** Columns that a terminal gives a text: two for most East Asian characters, none for combining ones. */
export function columns(content: string): number {
  return /^[ -~]*$/.test(content) ? content.length : stringWidth(content)
}

/** Filled up with blanks to a number of columns. */
export function padded(content: string, width: number): string {
  return content + ' '.repeat(Math.max(0, width - columns(content)))
}

/**
 * GitHub's runner takes a line that begins with `::`, blanks aside, for a command, and one with `##[` anywhere in it:
 * a host could give such a name to a link. Every line of text output goes through this.
 */
export function inert(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1\\:').replaceAll('##[', '#\\#[')
}

/** Breaks at blanks so that no line is longer than `width`, unless one word is. */
export function wrap(content: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const word of content.split(' ')) {
    const needed = columns(word)
    if (line !== '' && used + 1 + needed > width) {
      lines.push(line)
      line = word
      used = needed
    } else {
      used += needed + (line === '' ? 0 : 1)
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** A labelled line, its text made printable and continued below itself where it is too long. */
export function row(label: string, body: string, canvas: Canvas): string[] {
  const lines = wrap(printable(body, 2000), canvas.width - LABEL_WIDTH - 2)
  const heads = [printable(label, LABEL_WIDTH - 1)]
  return lines.map((line, index) => `  ${padded(heads[index] ?? '', LABEL_WIDTH)}${line}`.trimEnd())
}

/** Rows of one label, which only the first carries. */
export function rows(label: string, bodies: readonly string[], canvas: Canvas): string[] {
  return bodies.flatMap((body, index) => row(index === 0 ? label : '', body, canvas))
}
