/**
 * The route of one packet through policy rules and tables, as the kernel finds it: rules in order
 * of priority, in each table the longest prefix and then the lowest metric; a table without a
 * route hands on to the next rule (Linux `net/core/fib_rules.c`, `fib_rules_lookup`, and
 * `net/ipv4/fib_rules.c`, `fib4_rule_match`). A rule that cannot be followed makes the answer unknown.
 */
import { containsAddress, netmask, parsePrefix } from '../../model/address.ts'
import { type PolicyRule, REDIRECTED, type Route } from '../../model/route.ts'
import { every, type Headers, isProtocol, type Mark, not, portOf, type Truth } from '../filter/packet.ts'
import { byPriority } from './by-priority.ts'
import { lengthsIn, type RouteIndex, routesTo } from './route-lookup.ts'

/** What the kernel looks a route up with. */
export interface Flow {
  /** Absent while a host's own packet has no source address yet. */
  readonly source?: number
  readonly destination: number
  /** Absent for packets of the host itself. */
  readonly inLink?: string
  /** True where that link belongs to a VRF. */
  readonly isInVrf?: boolean
  /** `none` for lookups that the kernel makes without them; absent where rules for them are not known. */
  readonly headers?: Pick<Headers, 'protocol' | 'sourcePort' | 'destinationPort'> | 'none'
  readonly mark: Mark
}

export type RouteAnswer =
  | { readonly kind: 'route'; readonly route: Route; readonly rule: PolicyRule }
  /** A rule of that action ended the search. */
  | { readonly kind: 'refused'; readonly action: string; readonly rule: PolicyRule }
  | { readonly kind: 'none' }
  /** `route`: the first of several next hops, where that is what is not known. */
  | {
      readonly kind: 'unknown'
      readonly why: string
      readonly rule: PolicyRule
      readonly route?: Route
    }

const REFUSALS: readonly string[] = ['blackhole', 'unreachable', 'prohibit']

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

/** Numbers of the kernel's own tables (include/uapi/linux/rtnetlink.h, `rt_class_t`). */
const TABLE_NAMES: ReadonlyMap<string, string> = new Map([
  ['255', 'local'],
  ['254', 'main'],
  ['253', 'default'],
])

function inPrefix(text: string | undefined, address: number | undefined): Truth {
  if (text === undefined || text === 'all') return true
  const prefix = parsePrefix(text)
  if (prefix === undefined) return 'unknown'
  return containsAddress(prefix, address ?? 0)
}

function hasMark(text: string, mark: Mark): Truth {
  if (mark === 'unknown') return 'unknown'
  const [value = '', mask = '0xffffffff'] = text.split('/')
  const [wanted, bits] = [Number(value), Number(mask)]
  if (Number.isNaN(wanted) || Number.isNaN(bits)) return 'unknown'
  return (mark & bits) >>> 0 === (wanted & bits) >>> 0
}

/** Packets of the host itself come in by loopback, as far as rules are concerned; no walked sender is bound to a link. */
function selects(word: string, flow: Flow): Truth {
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

function hasPort(side: 'sourcePort' | 'destinationPort'): (value: string, flow: Flow) => Truth {
  return (value, { headers }) => {
    if (headers === undefined) return 'unknown'
    return headers === 'none' ? false : inRange(value, portOf(headers, side))
  }
}

/**
 * What a rule selects by beside addresses and links. The kernel's own packets and forwarded ones have user 0
 * (Linux `net/ipv4/route.c`, `sock_net_uid`), and so have those of a ping by root.
 */
const SELECTORS: Readonly<Record<string, (value: string, flow: Flow) => Truth>> = {
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

function matches(rule: PolicyRule, flow: Flow): Truth {
  if (isForAll(rule)) return true
  const match = every([
    inPrefix(rule.from, flow.source),
    inPrefix(rule.to, flow.destination),
    ...rule.other.map((word) => selects(word, flow)),
  ])
  return rule.other.includes('not') ? not(match) : match
}

/** The number after a word of the rule: `goto 500`. */
function numberAfter({ other }: PolicyRule, key: string): number | undefined {
  const word = other.find((one) => one.startsWith(`${key} `))
  return word === undefined ? undefined : Number(word.slice(key.length + 1))
}

function routeInTable(index: RouteIndex, table: string, destination: number): readonly Route[] {
  const name = TABLE_NAMES.get(table) ?? table
  for (const length of lengthsIn(index, name)) {
    const address = (destination & netmask(length)) >>> 0
    const found = routesTo(index, { address, length }, name)
    if (found.length > 0) return found
  }
  return []
}

/**
 * What an ICMP redirect made of the next hop for this address: the kernel keeps it beside the route by whose gateway it
 * sent until then (Linux `net/ipv4/route.c`, `__ip_do_redirect`, `update_or_create_fnhe`).
 */
function redirected(index: RouteIndex, { gateway, link }: Route, { destination }: Flow): Route | undefined {
  if (gateway === undefined || lengthsIn(index, REDIRECTED).length === 0) return undefined
  const told = routesTo(index, { address: destination, length: 32 }, REDIRECTED)
  return told.find((one) => one.link === link)
}

/** What a matching rule does; undefined when it leaves the packet to the next. */
function applied(rule: PolicyRule, index: RouteIndex, flow: Flow): RouteAnswer | undefined {
  const action = rule.other.find((word) => REFUSALS.includes(word))
  if (action !== undefined) return { kind: 'refused', action, rule }
  const found = rule.table === undefined ? [] : routeInTable(index, rule.table, flow.destination)
  const [route] = found
  if (route === undefined || route.type === 'throw') return undefined
  if (route.destination.length <= (numberAfter(rule, 'suppress_prefixlength') ?? -1)) return undefined
  if (route.isBalanced) return { kind: 'unknown', why: 'the route has several next hops', rule, route }
  return { kind: 'route', route: redirected(index, route, flow) ?? route, rule }
}

/** `32766: from all lookup main`, as `ip rule` prints it. */
export function ruleText({ priority, from, to, table, other }: PolicyRule): string {
  const selector = [`from ${from}`, ...(to === undefined ? [] : [`to ${to}`]), ...other].join(' ')
  return `${priority}: ${selector}${table === undefined ? '' : ` lookup ${table}`}`
}

/** The route of a packet. `rules` need not be sorted. */
export function lookupFlow(rules: readonly PolicyRule[], index: RouteIndex, flow: Flow): RouteAnswer {
  let from = 0
  for (const rule of byPriority(rules)) {
    if (rule.priority < from) continue
    const match = matches(rule, flow)
    if (match === false) continue
    const target = numberAfter(rule, 'goto')
    const answer = target === undefined ? applied(rule, index, flow) : undefined
    if (match === 'unknown' && (answer !== undefined || target !== undefined)) {
      return { kind: 'unknown', why: `policy rule ${ruleText(rule)} cannot be followed`, rule }
    }
    if (answer !== undefined) return answer
    if (target !== undefined) from = target
  }
  return { kind: 'none' }
}
