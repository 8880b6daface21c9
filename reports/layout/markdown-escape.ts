/** Words that are not ours put into Markdown: they keep every sign they have and mean nothing there. */
import { filled, LONGEST } from './filled.ts'
import { printable } from './printable.ts'

/** Markdown that needs no escaping. Only this file and `markdown-table.ts` make it. */
export interface Markdown {
  readonly markdown: string
}

// Signs that mean something within a line (CommonMark 0.31, 2.4; tables, strikethrough and footnotes of GitHub's).
const MARKS = /[\\`*_{}[\]<>#|&~$^]/g
// What GitHub makes into links and pictures by itself: addresses, mentions, names of emoji.
const LINKS = /:\/\/|www\.|@(?=[\w-])|:(?!(?!ab)[0-9a-f]{2}:)(?=[a-z+-][\w+-]*:)/gi
// A line that begins so would be a list, a heading or a rule.
const BEGINNINGS = /^(\d{0,9})([-+=.)])(?=\s|[-=]*\s*$)/

/** Text without a meaning in the middle of a line of Markdown or in the HTML that it may contain. */
export function markdownInline(text: string): Markdown {
  const marked = printable(text, LONGEST).replace(MARKS, (mark) => `\\${mark}`)
  // Behind the first sign: a line that begins with a comment would be HTML as a whole.
  return { markdown: marked.replace(LINKS, (link) => `${link.slice(0, 1)}<!-- -->${link.slice(1)}`) }
}

/** The same where a line may begin with it. */
export function markdownText(text: string): Markdown {
  const begun = markdownInline(text).markdown.replace(BEGINNINGS, '$1\\$2')
  return { markdown: begun }
}

/** Text as a code span: nothing in it is interpreted, and no link is made of it. */
export function markdownCode(text: string): Markdown {
  const shown = printable(text, LONGEST)
  // In a table `\\|` within code is read in two ways.
  if (shown.trim() === '' || shown.includes('\\|')) return markdownInline(shown)
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = /^[ `]|[ `]$/.test(shown) ? ' ' : ''
  // A pipe ends a cell of a table even within code.
  return { markdown: `${fence}${pad}${shown.replaceAll('|', '\\|')}${pad}${fence}` }
}

/** Lines as a fenced block that no line of theirs can end. */
export function markdownBlock(lines: readonly string[], language = ''): string[] {
  const shown = lines.map((line) => printable(line, LONGEST))
  const longest = Math.max(
    2,
    ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)),
  )
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...shown, fence]
}

/** A piece of Markdown: texts that are put into it are escaped, Markdown is not. */
export function markdown(
  text: TemplateStringsArray,
  ...parts: readonly (string | number | Markdown)[]
): Markdown {
  const written = (part: string | number | Markdown): string =>
    (typeof part === 'object' ? part : markdownText(String(part))).markdown
  return { markdown: filled(text, parts, written) }
}
