/** What stays of a fact from one look at a network to the next: two looks at one state give the same text. */

/** Counters, ages and clocks, which differ between any two looks, by the name they have in a parsed fact. */
const MOVING = new Set([
  'statistics',
  'packets',
  'bytes',
  'handle',
  'revision',
  'at',
  'ageSeconds',
  'clockSeconds',
  'uptimeSeconds',
  'from',
])

/** States of a neighbour that lead to each other by waiting (kernel, Documentation/networking, NUD states). */
const AGEING = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE'])

/** A running lease is the same while its hours are: a matrix takes minutes. */
const SECONDS_PER_HOUR = 3600

function steady(key: string, value: unknown): unknown {
  if (MOVING.has(key)) return undefined
  if (value instanceof Map)
    return Object.fromEntries([...value].toSorted(([a], [b]) => String(a).localeCompare(String(b))))
  if (key === 'ttlSeconds' && typeof value === 'number') return Math.round(value / SECONDS_PER_HOUR)
  if (key === 'states' && Array.isArray(value))
    return value.map((word) => (AGEING.has(word) ? 'ageing' : word))
  // A learned FDB entry is `stale` when it was not used for a while.
  if (key === 'state' && value === 'stale') return ''
  return value
}

/** The steady part of a parsed fact as text; the kernel gives neighbours and FDB entries in no order. */
export function steadyText(name: string, fact: unknown): string {
  const { value } = (fact ?? {}) as { readonly value?: unknown }
  const isUnordered = (name === 'neighbours' || name === 'fdb') && Array.isArray(value)
  if (!isUnordered) return JSON.stringify(fact, steady) ?? ''
  return value
    .map((entry) => JSON.stringify(entry, steady))
    .toSorted()
    .join('\n')
}
