/** Colour and line breaking for text output. */

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
