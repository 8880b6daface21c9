/**
 * Text from hosts and from etcd made safe to print: control characters (C0, DEL, C1),
 * line and paragraph separators and direction overrides become visible escapes, so
 * that no value can move the cursor, recolour the terminal or reorder a line.
 */

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** Escapes unsafe characters as `\xNN` or `\uNNNN` and cuts at `max` characters (an ellipsis marks the cut). */
export function printable(text: string, max = 400): string {
  const safe = text.toWellFormed().replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0)
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
  return safe.length > max ? `${safe.slice(0, max - 1)}…` : safe
}
