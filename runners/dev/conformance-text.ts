/** conformance.json as text, in the format the repository keeps. */
import type { ConformanceDocument } from '../../checks/clauses/document.ts'

/** Columns of a line, as biome.json says. */
const WIDTH = 110

/** An array of words that JSON.stringify has spread over lines. */
const SPREAD = /^.*\[\n\s+"[^"]*"(?:,\n\s+"[^"]*")*\n\s+\],?$/gm

/** Arrays of words on one line where they fit. */
export function conformanceText(document: ConformanceDocument): string {
  const text = JSON.stringify(document, null, 2).replace(SPREAD, (spread) => {
    const line = spread
      .replace(/\[\n\s+/, '[')
      .replace(/,\n\s+/g, ', ')
      .replace(/\n\s+\]/, ']')
    return line.length > WIDTH ? spread : line
  })
  return `${text}\n`
}
