/** Left and right sides of nft matches, from their words to the objects of libnftables-json(5). */
import { present } from '../../../checks/model/present.ts'

/** A place in the words of a rule. */
export interface Cursor {
  readonly peek: () => string | undefined
  readonly next: () => string | undefined
  /** Steps over the word when it is the next one. */
  readonly take: (word: string) => boolean
  readonly rest: () => string
}

/** Keys of `meta` that nft prints without that word. */
const BARE_META = new Set(['iifname', 'oifname', 'iif', 'oif', 'iiftype', 'oiftype', 'iifgroup', 'oifgroup'])
const HEADERS = new Set([
  'ip',
  'ip6',
  'tcp',
  'udp',
  'th',
  'icmp',
  'icmpv6',
  'ether',
  'arp',
  'vlan',
  'sctp',
  'dccp',
])

function readCt(cursor: Cursor): unknown {
  const first = cursor.next() ?? ''
  if (first !== 'original' && first !== 'reply') return { ct: { key: first } }
  const key = cursor.next() ?? ''
  const field = key === 'ip' || key === 'ip6' ? `${key} ${cursor.next()}` : key
  return { ct: { key: field, dir: first } }
}

function readFib(cursor: Cursor): unknown {
  const flags = [cursor.next()]
  while (cursor.take('.')) flags.push(cursor.next())
  return { fib: { result: cursor.next(), flags } }
}

function readHeader(cursor: Cursor, protocol: string): unknown {
  const field = cursor.next() ?? ''
  // `tcp option maxseg size` reads an option, which no rule's condition here follows.
  if (field === 'option') return undefined
  const isPair = protocol === 'arp' && (field === 'saddr' || field === 'daddr')
  return { payload: { protocol, field: isPair ? `${field} ${cursor.next()}` : field } }
}

function readNumgen(cursor: Cursor): unknown {
  const mode = cursor.next()
  if (!cursor.take('mod')) return undefined
  const mod = Number(cursor.next())
  return { numgen: { mode, mod, offset: cursor.take('offset') ? Number(cursor.next()) : 0 } }
}

/** `@th,312,8`: bits of a header by their place. */
function readRaw(word: string): unknown {
  const [, base, offset, len] = /^@(ll|nh|th|ih),(\d+),(\d+)$/.exec(word) ?? []
  return base === undefined ? undefined : { payload: { base, offset: Number(offset), len: Number(len) } }
}

const PRIMARIES = new Map<string, (cursor: Cursor) => unknown>([
  ['meta', (cursor) => ({ meta: { key: cursor.next() } })],
  ['rt', (cursor) => ({ rt: { key: cursor.next() } })],
  ['ct', readCt],
  ['fib', readFib],
  ['numgen', readNumgen],
])

function readPrimary(cursor: Cursor): unknown {
  const word = cursor.next() ?? ''
  if (BARE_META.has(word)) return { meta: { key: word } }
  if (HEADERS.has(word)) return readHeader(cursor, word)
  const read = PRIMARIES.get(word)
  return read === undefined ? readRaw(word) : read(cursor)
}

/** `(syn | rst)`, `syn|rst`, `0x4000`. */
function readMask(cursor: Cursor): unknown {
  const first = cursor.next() ?? ''
  const words = [first]
  if (first.startsWith('(')) {
    while (!words.at(-1)?.endsWith(')') && cursor.peek() !== undefined) words.push(cursor.next() as string)
  }
  const flags = words.join('').replaceAll(/[()]/g, '').split('|')
  return flags.length === 1 ? readValue(flags[0] ?? '') : flags
}

/** The left side of a match, concatenated and masked as printed; undefined when it is not followed. */
export function readLeft(cursor: Cursor): unknown {
  const first = readPrimary(cursor)
  const parts = [first]
  while (cursor.take('.')) parts.push(readPrimary(cursor))
  if (parts.includes(undefined)) return undefined
  const left = parts.length === 1 ? first : { concat: parts }
  const operator = cursor.peek()
  if (operator !== '&' && operator !== '|' && operator !== '^') return left
  cursor.next()
  return { [operator]: [left, readMask(cursor)] }
}

/** A single value: number, prefix, range, flags, name. */
export function readValue(word: string): unknown {
  if (/^\d+$/.test(word) || /^0x[\da-f]+$/i.test(word)) return Number(word)
  if (word.startsWith('"')) return word.slice(1, -1)
  const [, addr, len] = /^([\da-f.:]+)\/(\d+)$/i.exec(word) ?? []
  if (addr !== undefined) return { prefix: { addr, len: Number(len) } }
  const [, from, to] = /^([\d.]+|[\da-f:]+:[\da-f:]*)-([\d.]+|[\da-f:]+:[\da-f:]*)$/i.exec(word) ?? []
  if (from !== undefined && to !== undefined) return { range: [readValue(from), readValue(to)] }
  return word.includes(',') ? word.split(',') : word
}

const VERDICTS = new Set(['accept', 'drop', 'return', 'continue'])

/** A value of a set: concatenated or single; words about its timeout and counter are stepped over. */
function readMember(cursor: Cursor): unknown {
  const parts = [readValue(cursor.next() ?? '')]
  while (cursor.take('.')) parts.push(readValue(cursor.next() ?? ''))
  while (!['}', ',', ':', undefined].includes(cursor.peek())) cursor.next()
  return parts.length === 1 ? parts[0] : { concat: parts }
}

function readMapped(cursor: Cursor): unknown {
  const word = cursor.peek() ?? ''
  if (VERDICTS.has(word)) return { [cursor.next() as string]: null }
  if (word !== 'jump' && word !== 'goto') return readMember(cursor)
  cursor.next()
  return { [word]: { target: cursor.next() } }
}

function readSet(cursor: Cursor): unknown {
  const set: unknown[] = []
  while (cursor.peek() !== undefined && !cursor.take('}')) {
    const member = readMember(cursor)
    set.push(cursor.take(':') ? [member, readMapped(cursor)] : member)
    cursor.take(',')
  }
  return { set }
}

/** The right side of a match: a set, a named set, or a value; undefined at the end of the rule. */
export function readOperand(cursor: Cursor): unknown {
  const word = cursor.next()
  if (word === undefined) return undefined
  if (word === '{') return readSet(cursor)
  if (cursor.peek() !== '.') return readValue(word)
  const parts = [readValue(word)]
  while (cursor.take('.')) parts.push(readValue(cursor.next() ?? ''))
  return present({ concat: parts })
}
