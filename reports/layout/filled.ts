/** A template whose parts are escaped by the rules of its format. */

/** Longest text that a template shows whole. */
export const LONGEST = 2000

/** The template as one text, each part as `written` has it. */
export function filled<Part extends {}>(
  text: TemplateStringsArray,
  parts: readonly Part[],
  written: (part: Part) => string,
): string {
  return text
    .map((piece, at) => {
      const part = parts[at]
      return part === undefined ? piece : `${piece}${written(part)}`
    })
    .join('')
}
