/** Tables and chips of a page. */
import { html, type Markup } from '../layout/html-template.ts'
import type { Tone } from './page.ts'

export type Cell = string | number | Markup

/** A word on a coloured ground. */
export function chip(text: string, tone?: Tone): Markup {
  return html`<span class="chip ${tone ?? 'plain'}">${text}</span>`
}

export interface TableOptions {
  readonly caption?: string
  /** Its name where the heading above it says it already. */
  readonly label?: string
  /** Columns of figures, counted from 0. */
  readonly figures?: readonly number[]
  readonly id?: string
}

/** Columns from which on a telephone shows a part, and the first one beside it. */
const WIDE = 4

/** A table that can be scrolled sideways with the keyboard as well. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { caption, label, figures = [], id }: TableOptions = {},
): Markup {
  const kind = (at: number): string => (figures.includes(at) ? 'n' : '')
  const heads = head.map((title, at) => html`<th scope="col" class="${kind(at)}">${title}</th>`)
  const body = rows.map(
    (row) => html`<tr>${row.map((cell, at) => html`<td class="${kind(at)}">${cell}</td>`)}</tr>
`,
  )
  const name = caption ?? label ?? head.join(', ')
  const kinds = head.length > WIDE ? html` class="wide"` : html``
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table${kinds}${id === undefined ? html`` : html` id="${id}"`}>${caption === undefined ? html`` : html`<caption>${caption}</caption>`}<thead><tr>${heads}</tr></thead><tbody>
${body}</tbody></table></div>`
}
