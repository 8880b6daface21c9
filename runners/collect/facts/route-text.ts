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
])

/** A field of a row from its word; words that carry nothing of interest give none. */
function field(word: string, value: string): Row {
  const name = FIELDS.get(word)
  if (name === undefined) return {}
  return { [name]: name === 'metric' ? Number(value) : value }
}

/** `key value` words and flags of a route or of one of its next hops. */
function readWords(words: readonly string[]): Row {
  const fields: Row[] = []
  const flags: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (FLAGS.has(word)) flags.push(word)
    else {
      at += words[at + 1] === 'inet6' ? 2 : 1
      fields.push(field(word, words[at] ?? ''))
    }
  }
  return Object.assign({ flags }, ...fields)
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
