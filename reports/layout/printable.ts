/**
 * Text from hosts and from etcd is not ours: anyone who can write a key could put terminal
 * escapes or right-to-left marks into a report. It is shown with those made visible.
 */

/** Characters kept of a quoted value where the caller names no limit. */
const PRINTABLE_LENGTH = 200

// DEL, C1 controls, soft hyphen, zero-width and bidirectional marks (Unicode 15, Bidi_Control), line and paragraph
// separators, byte order mark, annotations, tags; then C0 controls and lone surrogates, which JSON escapes by itself.
const HIDDEN_IN_JSON =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu
const HIDDEN = new RegExp(`[\\u0000-\\u001f]|\\p{Surrogate}|${HIDDEN_IN_JSON.source}`, 'gu')

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One UTF-16 unit as JSON writes it. */
const escapedUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code > 0xffff) return `\\u{${code.toString(16)}}`
  return (
    SHORT[character] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : escapedUnit(character))
  )
}

/** `text` with control and direction characters as visible escapes, cut to `max` characters and an ellipsis. */
export function printable(text: string, max: number = PRINTABLE_LENGTH): string {
  const characters = text.length > max ? Array.from(text.slice(0, 2 * max + 2)) : undefined
  const cut = characters !== undefined && characters.length > max
  const shown = cut ? characters.slice(0, max).join('') : text
  return shown.replace(HIDDEN, escapeCharacter) + (cut ? '…' : '')
}

/** The value as indented JSON that a terminal may show: the same value, with hidden characters escaped. */
export function printableJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(HIDDEN_IN_JSON, (hidden) =>
    hidden.split('').map(escapedUnit).join(''),
  )
  return `${text}\n`
}
