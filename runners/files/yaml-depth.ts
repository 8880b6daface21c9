/** A bound for the nesting of YAML and JSON, before a parser sees it. */

/** No such file nests deeper; the parser's time grows with the square of the depth. */
const MOST_DEPTH = 64
const DEEP_BLOCK = new RegExp(`(?:[-?:][ \\t]+){${MOST_DEPTH}}`)

/** True for a text that opens more brackets than any such file does, or that puts a list into a list into a list. */
function isDeep(text: string): boolean {
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1)
    if (depth > MOST_DEPTH) return true
  }
  return DEEP_BLOCK.test(text)
}

/** Throws a RangeError, as the parser's own recursion does. */
export function refuseDeep(text: string): void {
  if (isDeep(text)) throw new RangeError('deep')
}
