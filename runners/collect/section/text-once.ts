/** Parts of a section that hosts have in common, as the rules of a packet filter: parsed once, and shared. */
import { apart } from './row-cache.ts'

/** Texts that are kept of one kind; beyond that all are forgotten: those of a host alone would never end. */
const MOST_TEXTS = 10_000
/** A longer text is no part that hosts share. */
const LONGEST = 1024

/** Makes a parser of texts of one kind that gives the same value for the same text; it must not be changed. */
export function parsedOnce<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = parse(text)
    if (text.length > LONGEST) return value
    if (known.size >= MOST_TEXTS) known.clear()
    known.set(apart(text), value)
    return value
  }
}
