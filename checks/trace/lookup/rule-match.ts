/** Whether a policy rule selects a packet, of either family (Linux `net/core/fib_rules.c`, `fib_rule_match`). */
import type { PolicyRule } from '../../model/route.ts'
import { every, type Headers, isProtocol, type Mark, not, portOf, type Truth } from '../filter/packet.ts'

/** What rules select by beside the addresses of a packet. */
export interface Selected {
  /** Absent for packets of the host itself. */
  readonly inLink?: string
  /** True where that link belongs to a VRF. */
  readonly isInVrf?: boolean
  /** `none` for lookups that the kernel makes without them; absent where rules for them are not known. */
  readonly headers?: Pick<Headers, 'protocol' | 'sourcePort' | 'destinationPort'> | 'none'
  readonly mark: Mark
}

/** Actions that end a search without a route. */
export const REFUSALS: readonly string[] = ['blackhole', 'unreachable', 'prohibit']

/** Words that select nothing: what a rule does, or where it came from. */
const NO_SELECTORS = new Set([
  ...REFUSALS,
  'not',
  'nop',
  'goto',
  'suppress_prefixlength',
  'protocol',
  'proto',
])

function hasMark(text: string, mark: Mark): Truth {
  if (mark === 'unknown') return 'unknown'
  const [value = '', mask = '0xffffffff'] = text.split('/')
  const [wanted, bits] = [Number(value), Number(mask)]
  if (Number.isNaN(wanted) || Number.isNaN(bits)) return 'unknown'
  return (mark & bits) >>> 0 === (wanted & bits) >>> 0
}

/** Packets of the host itself come in by loopback, as far as rules are concerned; no walked sender is bound to a link. */
function selects(word: string, flow: Selected): Truth {
  const [key = '', value = ''] = word.split(' ')
  if (NO_SELECTORS.has(key)) return true
  if (key === 'iif') return value === (flow.inLink ?? 'lo')
  if (key === 'oif') return false
  return SELECTORS[key]?.(value, flow) ?? 'unknown'
}

function inRange(text: string, seen: number | undefined): Truth {
  const [first = '', last = first] = text.split('-')
  return seen !== undefined && seen >= Number(first) && seen <= Number(last)
}

function hasPort(side: 'sourcePort' | 'destinationPort'): (value: string, flow: Selected) => Truth {
  return (value, { headers }) => {
    if (headers === undefined) return 'unknown'
    return headers === 'none' ? false : inRange(value, portOf(headers, side))
  }
}

/**
 * What a rule selects by beside addresses and links. The kernel's own packets and forwarded ones have user 0
 * (Linux `net/ipv4/route.c`, `sock_net_uid`), and so have those of a ping by root.
 */
const SELECTORS: Readonly<Record<string, (value: string, flow: Selected) => Truth>> = {
  fwmark: (value, { mark }) => hasMark(value, mark),
  uidrange: (value) => inRange(value, 0),
  // ip -j prints the two ends of a range as words of their own.
  uid_start: (value) => value === '0',
  uid_end: () => true,
  l3mdev: (_value, { isInVrf }) => (isInVrf ? 'unknown' : false),
  tos: (value) => Number(value) === 0,
  dsfield: (value) => Number(value) === 0,
  tun_id: () => false,
  ipproto: (value, { headers }) => {
    if (headers === undefined) return 'unknown'
    return headers !== 'none' && isProtocol(value, headers.protocol)
  },
  sport: hasPort('sourcePort'),
  dport: hasPort('destinationPort'),
}

/** True for a rule that selects nothing and only names a table: most are the kernel's own three. */
export function isForAll({ from, to, other }: PolicyRule): boolean {
  return from === 'all' && to === undefined && other.length === 0
}

/** Whether the rule selects the packet; `isIn` says whether its source or destination is in what the rule names. */
export function ruleSelects(
  rule: PolicyRule,
  flow: Selected,
  isIn: (side: 'source' | 'destination', prefix: string) => Truth,
): Truth {
  if (isForAll(rule)) return true
  const match = every([
    rule.from === 'all' || isIn('source', rule.from),
    rule.to === undefined || rule.to === 'all' || isIn('destination', rule.to),
    ...rule.other.map((word) => selects(word, flow)),
  ])
  return rule.other.includes('not') ? not(match) : match
}
