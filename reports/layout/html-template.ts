/** HTML from parts: what is put into a template is escaped, unless it is a template itself. */
import { filled, LONGEST } from './filled.ts'
import { printable } from './printable.ts'

/** Markup that needs no escaping. Only `html` makes it. */
export interface Markup {
  readonly markup: string
}

type Part = string | number | Markup | readonly Markup[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

function escapeText(text: string): string {
  return printable(text, LONGEST).replace(/[&<>"'`]/g, (mark) => ENTITIES[mark] ?? '')
}

function markupOf(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part))
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}

/** A piece of HTML. Texts put into it are safe between tags and in quoted attributes, nowhere else. */
export function html(text: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: filled(text, parts, markupOf) }
}
