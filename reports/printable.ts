/**
 * Text from hosts and from etcd is not ours: anyone who can write a key could put terminal
 * escapes or right-to-left marks into a report. It is shown with those made visible.
 */

/** Characters kept of a quoted value where the caller names no limit. */
export const PRINTABLE_LENGTH = 200

// C0 and C1 controls, DEL, soft hyphen, zero-width and bidirectional marks (Unicode 15, Bidi_Control),
// line and paragraph separators, byte order mark, lone surrogates.
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  return (
    SHORT[character] ??
    (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
  )
}

/** `text` with control and direction characters as visible escapes, cut to `max` characters and an ellipsis. */
export function printable(text: string, max: number = PRINTABLE_LENGTH): string {
  const characters = text.length > max ? Array.from(text.slice(0, 2 * max + 2)) : undefined
  const cut = characters !== undefined && characters.length > max
  const shown = cut ? characters.slice(0, max).join('') : text
  return shown.replace(HIDDEN, escapeCharacter) + (cut ? '…' : '')
}
