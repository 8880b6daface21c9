/** Colour and line breaking for text output. */
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

/** Breaks at blanks so that no line is longer than `width`, unless one word is. */
export function wrap(content: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of content.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** A labelled line, its text made printable and continued below itself where it is too long. */
export function row(label: string, body: string, canvas: Canvas): string[] {
  const lines = wrap(printable(body, 2000), canvas.width - LABEL_WIDTH - 2)
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`)
}
