/** The plain form of `ip route`, turned into the rows that its JSON form has. */
import { type Row, textLines } from '../section/rows.ts'

/** Route types that stand before the destination (`lib/rt_names.c` of iproute2); unicast is not printed. */
const TYPES = new Set([
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
])
/** Words without a value. */
const FLAGS = new Set([
  'onlink',
  'linkdown',
  'dead',
  'pervasive',
  'offload',
  'offload_failed',
  'trap',
  'notify',
  'unresolved',
  'rt_offload',
  'rt_trap',
  'lock',
])
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['via', 'gateway'],
  ['dev', 'dev'],
  ['table', 'table'],
  ['proto', 'protocol'],
  ['scope', 'scope'],
  ['src', 'prefsrc'],
  ['metric', 'metric'],
  ['tos', 'tos'],
  ['encap', 'encap'],
  ['from', 'from'],
])
/** Words of `metrics` in the JSON form. */
const METRICS = new Set(['mtu', 'advmss', 'hoplimit'])
/** Words behind which the route itself goes on after what an encapsulation says of its own. */
const AFTER_ENCAPSULATION = new Set(['via', 'dev', 'nexthop'])

/** What the words before and the one at hand have told. */
interface Told {
  readonly fields: Record<string, unknown>
  readonly metrics: Record<string, number>
  readonly flags: string[]
}

/** A word with its value; words that carry nothing of interest are left out. */
function keep(told: Told, word: string, value: string): void {
  const name = FIELDS.get(word)
  if (METRICS.has(word)) told.metrics[word] = Number(value)
  else if (name !== undefined) told.fields[name] = name === 'metric' ? Number(value) : value
}

/** Takes the word at `at` with its value; the place of the next word. */
function readWord(told: Told, words: readonly string[], at: number): number {
  const [word = '', next = ''] = words.slice(at)
  if (FLAGS.has(word)) {
    told.flags.push(word)
    return at + 1
  }
  if (next === 'inet6') {
    told.fields.via = { family: 'inet6', host: words[at + 2] }
    return at + 3
  }
  // `mtu lock 1400`: the value comes behind the word lock.
  const valueAt = next === 'lock' ? at + 2 : at + 1
  keep(told, word, words[valueAt] ?? '')
  if (word !== 'encap') return valueAt + 1
  const end = words.findIndex((one, place) => place > valueAt && AFTER_ENCAPSULATION.has(one))
  return end < 0 ? words.length : end
}

/** `key value` words and flags of a route or of one of its next hops. */
function readWords(words: readonly string[]): Row {
  const told: Told = { fields: {}, metrics: {}, flags: [] }
  for (let at = 0; at < words.length; ) at = readWord(told, words, at)
  const metrics = Object.keys(told.metrics).length > 0 ? { metrics: [told.metrics] } : {}
  return { flags: told.flags, ...told.fields, ...metrics }
}

function readRoute(line: string): Row {
  const words = line.trim().split(/\s+/)
  const typed = TYPES.has(words[0] ?? '')
  const [dst, ...rest] = typed ? words.slice(1) : words
  if (!/^(default$|[\d.]+(\/\d+)?$|[0-9a-f:.]+(\/\d+)?$)/.test(dst ?? '')) {
    throw new Error(`not a line of ip route: ${line.slice(0, 80)}`)
  }
  return { ...(typed ? { type: words[0] } : {}), dst, ...readWords(rest) }
}

/** Rows of a plain dump; indented `nexthop` lines belong to the route above. Throws Error on other text. */
export function routeRowsFromText(text: string): readonly Row[] {
  const rows: Row[] = []
  for (const line of textLines(text)) {
    const hop = /^\s+nexthop\s+(.*)$/.exec(line)?.[1]
    const route = rows.at(-1)
    if (hop === undefined) rows.push(readRoute(line))
    else if (route !== undefined) {
      const hops = [...((route.nexthops as Row[] | undefined) ?? []), readWords(hop.trim().split(/\s+/))]
      rows[rows.length - 1] = { ...route, nexthops: hops }
    }
  }
  return rows
}
