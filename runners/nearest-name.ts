/** Which of several names a mistyped one was probably meant to be. */

/** Edits (insert, delete, replace, exchange neighbours) that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  let before: readonly number[] = []
  const isExchanged = (i: number, j: number): boolean => a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const least = Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      next.push(isExchanged(i, j) ? Math.min(least, (before[j - 2] ?? 0) + 1) : least)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** The first known name that begins with what was typed, or contains its last part: `fdb/peer`, `vtep`. */
function longerName(name: string, known: readonly string[]): string | undefined {
  const part = name.split(/[/:]/).at(-1) ?? ''
  if (part.length < 3) return undefined
  return known.find((one) => one.startsWith(name)) ?? known.find((one) => one.includes(part))
}

/**
 * The known name that was probably meant: the nearest by edits, case ignored, when it is closer than half the
 * length of what was typed, else a longer one that it is a part of; undefined when there is neither.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.ceil(name.length / 2))
  for (const candidate of known) {
    const edits = distance(name.slice(0, 64).toLowerCase(), candidate.toLowerCase())
    if (edits < least) {
      best = candidate
      least = edits
    }
  }
  return best ?? longerName(name.slice(0, 64).toLowerCase(), known)
}
