/** What a remedy has between backquotes is to be typed: the same in every format that can show it. */

export interface Span {
  readonly text: string
  readonly isCode: boolean
}

/** The parts of a text between its backquotes; one that does not close them has none. */
export function codeSpans(text: string): readonly Span[] {
  const parts = text.split('`')
  if (parts.length % 2 === 0) return [{ text, isCode: false }]
  return parts.map((part, at) => ({ text: part, isCode: at % 2 === 1 })).filter((span) => span.text !== '')
}
