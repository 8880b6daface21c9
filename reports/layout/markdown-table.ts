/** Every table of a Markdown document. */
import { type Markdown, markdownInline } from './markdown-escape.ts'

/** Words are escaped, Markdown is put in as it is. */
export type MarkdownCell = string | number | Markdown

export interface MarkdownColumn {
  readonly title: string
  /** Figures stand at the right. */
  readonly align?: 'left' | 'right'
}

function cellText(cell: MarkdownCell): string {
  return typeof cell === 'object' ? cell.markdown : markdownInline(String(cell)).markdown
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** The lines of a table. A row with fewer cells than columns is filled up; what goes beyond is cut. */
export function markdownTable(
  columns: readonly (string | MarkdownColumn)[],
  rows: readonly (readonly MarkdownCell[])[],
): string[] {
  const heads = columns.map((column) => (typeof column === 'string' ? { title: column } : column))
  return [
    line(heads.map(({ title }) => cellText(title))),
    `|${heads.map(({ align }: MarkdownColumn) => (align === 'right' ? '--:' : '---')).join('|')}|`,
    ...rows.map((row) => line(heads.map((_, at) => cellText(row[at] ?? '')))),
  ]
}
