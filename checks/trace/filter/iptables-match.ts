/** The match part of an iptables rule, from the words of iptables-save to conditions. */
import { containsAddress, parseAddress, parsePrefix } from '../../model/address.ts'
import { type Condition, hasAddressType, isInState, not, type Packet, UNKNOWN } from './packet.ts'

/** Modules whose options below are all they match on; any other module makes the rule uncertain. */
const FOLLOWED_MODULES = new Set([
  'addrtype',
  'comment',
  'connmark',
  'conntrack',
  'icmp',
  'iprange',
  'mark',
  'multiport',
  'set',
  'state',
  'tcp',
  'udp',
])

/** Numbers that iptables-save may print instead of names (IANA protocol numbers). */
const PROTOCOL_NUMBERS: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp' }

type FromValue = (value: string) => Condition

function address(side: 'source' | 'destination'): FromValue {
  return (value) => {
    const prefix = parsePrefix(value)
    return prefix === undefined ? UNKNOWN : (packet) => containsAddress(prefix, packet[side])
  }
}

function addressRange(side: 'source' | 'destination'): FromValue {
  return (value) => {
    const [first, last] = value.split('-').map(parseAddress)
    if (first === undefined || last === undefined) return UNKNOWN
    return (packet) => packet[side] >= first && packet[side] <= last
  }
}

/** A trailing `+` matches any rest of the name. */
function link(side: 'inLink' | 'outLink'): FromValue {
  return (value) => (packet) => {
    const name = packet[side] ?? ''
    return value.endsWith('+') ? name.startsWith(value.slice(0, -1)) : name === value
  }
}

function protocol(value: string): Condition {
  const name = PROTOCOL_NUMBERS[value] ?? value
  return (packet) => name === 'all' || name === '0' || name === packet.protocol
}

function isListedPort(list: string, port: number | undefined): boolean {
  if (port === undefined) return false
  return list.split(',').some((item) => {
    const [first = '', last = first] = item.split(':')
    return port >= Number(first || 0) && port <= Number(last || 65535)
  })
}

function ports(...sides: readonly ('sourcePort' | 'destinationPort')[]): FromValue {
  return (value) => (packet) => sides.some((side) => isListedPort(value, packet[side]))
}

function mark(value: string): Condition {
  const [wanted = 0, mask = 0xffffffff] = value.split('/').map(Number)
  if (Number.isNaN(wanted) || Number.isNaN(mask)) return UNKNOWN
  return (_packet, seen) => (seen === 'unknown' ? 'unknown' : (seen & mask) >>> 0 === wanted >>> 0)
}

function addressType(side: 'source' | 'destination'): FromValue {
  return (value) => (packet: Packet) => {
    const types = value.split(',')
    const [only = ''] = types
    return types.length > 1 ? 'unknown' : hasAddressType(packet, packet[side], only)
  }
}

const state: FromValue = (value) => (packet) => isInState(packet, value.split(','))

/** Options that take one value, by the module they belong to where the name alone is ambiguous. */
const OPTIONS: Readonly<Record<string, FromValue>> = {
  '-s': address('source'),
  '-d': address('destination'),
  '-i': link('inLink'),
  '-o': link('outLink'),
  '-p': protocol,
  '--sport': ports('sourcePort'),
  '--dport': ports('destinationPort'),
  '--sports': ports('sourcePort'),
  '--dports': ports('destinationPort'),
  '--ports': ports('sourcePort', 'destinationPort'),
  '--src-range': addressRange('source'),
  '--dst-range': addressRange('destination'),
  '--ctstate': state,
  '--state': state,
  'mark --mark': mark,
  '--src-type': addressType('source'),
  '--dst-type': addressType('destination'),
  '--comment': () => () => true,
}

/** What the words before the target say, and where the target starts. */
export interface Matching {
  readonly conditions: readonly Condition[]
  /** From `-j` or `-g` on; empty for a rule that only counts. */
  readonly target: readonly string[]
}

interface Cursor {
  readonly words: readonly string[]
  at: number
  negated: boolean
  module: string
}

/** An option we do not follow: its values are skipped and the rule becomes uncertain. */
function skipUnfollowed(cursor: Cursor): Condition {
  cursor.at += 1
  while (cursor.at < cursor.words.length && !/^(-|!$)/.test(cursor.words[cursor.at] ?? '')) cursor.at += 1
  return UNKNOWN
}

/** The condition of the option under the cursor, which moves past it; undefined for words without one. */
function nextCondition(cursor: Cursor): Condition | undefined {
  const word = cursor.words[cursor.at] ?? ''
  const value = cursor.words[cursor.at + 1] ?? ''
  if (word === '!') {
    cursor.negated = true
    cursor.at += 1
    return undefined
  }
  if (word === '-m') {
    cursor.module = value
    cursor.at += 2
    return FOLLOWED_MODULES.has(value) ? undefined : UNKNOWN
  }
  if (word === '-f') {
    cursor.at += 1
    return () => false
  }
  const fromValue = OPTIONS[`${cursor.module} ${word}`] ?? OPTIONS[word]
  if (fromValue === undefined) return skipUnfollowed(cursor)
  cursor.at += 2
  return fromValue(value)
}

/** Reads the words of a rule after `-A CHAIN`. Whatever is not followed becomes a condition of unknown answer. */
export function parseMatching(words: readonly string[]): Matching {
  const conditions: Condition[] = []
  const cursor: Cursor = { words, at: 0, negated: false, module: '' }
  while (cursor.at < words.length && words[cursor.at] !== '-j' && words[cursor.at] !== '-g') {
    const condition = nextCondition(cursor)
    if (condition === undefined) continue
    const { negated } = cursor
    conditions.push(negated ? (packet, seen) => not(condition(packet, seen)) : condition)
    cursor.negated = false
  }
  return { conditions, target: words.slice(cursor.at) }
}
