/**
 * Rows of iproute2's JSON output. Values are read one field at a time and only in the
 * expected type, because versions differ in what they print.
 */

export type Row = Readonly<Record<string, unknown>>

/** True for an object that is no list. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The rows of a JSON dump; undefined when the text is not JSON but the tool's plain form.
 * Empty objects are dropped: some versions print one for every entry that they filter out.
 * Throws SyntaxError on broken JSON.
 */
export function parseRows(text: string): readonly Row[] | undefined {
  const trimmed = text.trim()
  if (!/^[[{]/.test(trimmed)) return undefined
  const parsed: unknown = JSON.parse(trimmed)
  const list = Array.isArray(parsed) ? parsed : [parsed]
  return list.filter(isRow).filter((row) => Object.keys(row).length > 0)
}

/** A text field; undefined when it is absent or of another type. */
export function textField(row: Row, name: string): string | undefined {
  const value = row[name]
  return typeof value === 'string' ? value : undefined
}

/** A number field; undefined when it is absent or of another type. */
export function numberField(row: Row, name: string): number | undefined {
  const value = row[name]
  return typeof value === 'number' ? value : undefined
}

/** A list of words; empty when it is absent. */
export function wordsField(row: Row, name: string): readonly string[] {
  const value = row[name]
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : []
}

/** A nested object; empty when it is absent. */
export function rowField(row: Row, name: string): Row {
  const value = row[name]
  return isRow(value) ? value : {}
}

/** A list of nested objects; empty when it is absent. */
export function rowsField(row: Row, name: string): readonly Row[] {
  const value = row[name]
  return Array.isArray(value) ? value.filter(isRow) : []
}

/** The word after `name` in a line of `key value` words; undefined where it is not there. */
export function wordAfter(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name)
  return at < 0 ? undefined : words[at + 1]
}

/** Lines of a plain dump, empty ones left out. */
export function textLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '')
}
