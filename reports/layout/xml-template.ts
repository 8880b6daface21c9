/** XML from parts: what is put into a template is escaped, unless it is XML itself. */
import { filled, LONGEST } from './filled.ts'
import { printable } from './printable.ts'

/** XML that needs no escaping. Only `xml` makes it. */
export interface Xml {
  readonly xml: string
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

// No XML 1.0 document may hold them, not even as references; `printable` shows all others that it may not hold.
const NO_CHARACTERS = /[\ufffe\uffff]/g

function escapeText(text: string): string {
  return printable(text, LONGEST)
    .replace(NO_CHARACTERS, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    .replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '')
}

/** A piece of XML. Texts put into it are safe between tags and in quoted attributes. */
export function xml(
  text: TemplateStringsArray,
  ...parts: readonly (string | number | readonly Xml[])[]
): Xml {
  const written = (part: string | number | readonly Xml[]): string =>
    typeof part === 'object' ? part.map((each) => each.xml).join('') : escapeText(String(part))
  return { xml: filled(text, parts, written) }
}

/** Lines as the content of an element. */
export function xmlLines(lines: readonly string[]): readonly Xml[] {
  return lines.map(
    (line) => xml`${line}
`,
  )
}
