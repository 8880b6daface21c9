/**
 * What nft's chains of IPv6 do with one packet, as far as that is certain: ip6tables of iptables-nft writes into them as well. A
 * match that is not read leaves open whether its rule takes the packet; what could have been accepted before is not said to be lost.
 */
import { isInIpv6, parseIpv6Prefix } from '../../model/ipv6.ts'
import type { Nftables, NftChain, NftRule } from '../../model/netfilter.ts'
import { present } from '../../model/present.ts'
import { asObject } from './nft-value.ts'
import { any, every, not, type Truth } from './packet.ts'

/** The first IPv6 packet of a flow at a hook of one host. */
export interface Ipv6Packet {
  readonly hook: 'input' | 'forward' | 'output'
  readonly inLink?: string
  readonly outLink?: string
  readonly source: string
  readonly destination: string
  readonly protocol: 'icmpv6' | 'udp'
  readonly port?: number
}

/** The rule or policy that takes a packet. */
export interface Ipv6Loss {
  readonly family: string
  readonly table: string
  readonly chain: string
  /** Absent where the policy takes it. */
  readonly handle?: number
  readonly packets?: number
}

type Json = Readonly<Record<string, unknown>>

const FAMILIES = new Set(['ip6', 'inet'])
/** As nft prints a protocol, by name or number. */
const PROTOCOLS = { icmpv6: ['icmpv6', 'ipv6-icmp', '58'], udp: ['udp', '17'] } as const

/** Items of a right-hand side; undefined for a named set and for ranges. */
function itemsOf(right: unknown): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return undefined
  const set = asObject(right)?.set ?? right
  return Array.isArray(set) ? set : [set]
}

function isAddress(item: unknown, address: string): Truth {
  const { addr, len } = asObject(asObject(item)?.prefix) ?? { addr: item, len: 128 }
  const wanted = parseIpv6Prefix(`${String(addr)}/${String(len)}`)
  if (wanted === undefined) return 'unknown'
  return isInIpv6(address, wanted)
}

function isLink(item: unknown, link: string | undefined): Truth {
  if (typeof item !== 'string') return 'unknown'
  return item.endsWith('*') ? (link ?? '').startsWith(item.slice(0, -1)) : item === link
}

/** Whether one item is what the packet has; undefined for a left-hand side that is not read. */
function reader({ meta, payload, ct }: Json, packet: Ipv6Packet): ((item: unknown) => Truth) | undefined {
  const protocols: readonly string[] = PROTOCOLS[packet.protocol]
  const isProtocol = (item: unknown): Truth => protocols.includes(String(item))
  const { key } = asObject(meta) ?? asObject(ct) ?? {}
  if (ct !== undefined) return key === 'state' ? (item) => item === 'new' : undefined
  if (meta !== undefined) {
    const byKey: Readonly<Record<string, (item: unknown) => Truth>> = {
      iifname: (item) => isLink(item, packet.inLink),
      oifname: (item) => isLink(item, packet.outLink),
      l4proto: isProtocol,
      nfproto: (item) => item === 'ipv6',
    }
    return byKey[String(key)]
  }
  const { protocol, field } = asObject(payload) ?? {}
  const byField: Readonly<Record<string, (item: unknown) => Truth>> = {
    'ip6 saddr': (item) => isAddress(item, packet.source),
    'ip6 daddr': (item) => isAddress(item, packet.destination),
    'ip6 nexthdr': isProtocol,
    'udp dport': (item) => isPort(item, packet.port),
    'th dport': (item) => isPort(item, packet.port),
  }
  if (protocol === 'ip' || protocol === 'tcp') return () => false
  return byField[`${String(protocol)} ${String(field)}`]
}

function isPort(item: unknown, port: number | undefined): Truth {
  if (port === undefined) return false
  return typeof item === 'number' ? item === port : 'unknown'
}

/** Whether the packet is as a match statement wants it. */
function isMatched({ op, left, right }: Json, packet: Ipv6Packet): Truth {
  const items = itemsOf(right)
  const read = reader(asObject(left) ?? {}, packet)
  if (items === undefined || read === undefined || !OPERATORS.has(String(op))) return 'unknown'
  const truth = any(items.map(read))
  return op === '!=' ? not(truth) : truth
}

const OPERATORS = new Set(['==', '!=', 'in'])

/** Whether a statement of a rule lets the packet on to the next; true for what only counts. */
function holds(statement: unknown, packet: Ipv6Packet): Truth {
  const { match, xt, limit } = asObject(statement) ?? {}
  if (limit !== undefined) return 'unknown'
  if (match !== undefined) return isMatched(asObject(match) ?? {}, packet)
  const { type, name } = asObject(xt) ?? {}
  return type !== 'match' || name === 'comment' ? true : 'unknown'
}

type Verdict = 'accept' | 'lost' | 'return' | 'open' | { readonly to: string; readonly isGoto: boolean }

/** Statements that end a rule, by their names; what hands the packet on or chooses by it leaves it open. */
const ENDS: ReadonlyMap<string, Verdict> = new Map([
  ['accept', 'accept'],
  ['drop', 'lost'],
  ['reject', 'lost'],
  ['return', 'return'],
  ['queue', 'open'],
  ['vmap', 'open'],
])

function endOf(statement: Json): Verdict | undefined {
  const [end] = Object.keys(statement).flatMap((name) => ENDS.get(name) ?? [])
  if (end !== undefined) return end
  const { type, name } = asObject(statement.xt) ?? {}
  if (type === 'target' && name === 'REJECT') return 'lost'
  const { target } = asObject(statement.jump ?? statement.goto) ?? {}
  return typeof target === 'string' ? { to: target, isGoto: 'goto' in statement } : undefined
}

/** What a rule does with what it matches; undefined where the next rule is asked. */
function verdictOf({ expressions }: NftRule): Verdict | undefined {
  return expressions.map((one) => endOf(asObject(one) ?? {})).find((end) => end !== undefined)
}

/** Packets that a rule has met, where it counts them. */
function packetsOf({ expressions }: NftRule): number | undefined {
  const counts = expressions.map((one) => asObject(asObject(one)?.counter)?.packets)
  return counts.find((count): count is number => typeof count === 'number')
}

type Fate = 'accept' | 'return' | 'open' | NftRule

/** Jumps deeper than the kernel lets them be (Linux `NFT_JUMP_STACK_SIZE`). */
const DEEPEST = 16

interface Chains {
  readonly packet: Ipv6Packet
  readonly rulesOf: (chain: string) => readonly NftRule[]
}

/** What becomes of the packet at one rule; undefined where the next one is asked. */
function fateAt(rule: NftRule, chains: Chains, depth: number): Fate | undefined {
  const verdict = verdictOf(rule)
  const truth = every(rule.expressions.map((one) => holds(one, chains.packet)))
  if (verdict === undefined || truth === false) return undefined
  // A rule that may take the packet is none that certainly does.
  if (verdict === 'lost') return truth === true ? rule : undefined
  if (truth === 'unknown') return 'open'
  if (typeof verdict === 'string') return verdict
  const fate = walk(verdict.to, chains, depth + 1)
  return fate === 'return' && !verdict.isGoto ? undefined : fate
}

function walk(chain: string, chains: Chains, depth = 0): Fate {
  if (depth > DEEPEST) return 'open'
  for (const rule of chains.rulesOf(chain)) {
    const fate = fateAt(rule, chains, depth)
    if (fate !== undefined) return fate
  }
  return 'return'
}

/** The rule or policy that certainly takes the packet; undefined where none does. */
export function ipv6Loss(nftables: Nftables, packet: Ipv6Packet): Ipv6Loss | undefined {
  const bases = nftables.chains.filter(
    ({ family, hook, type = 'filter' }) => FAMILIES.has(family) && hook === packet.hook && type === 'filter',
  )
  return bases
    .toSorted((a, b) => (a.priority ?? 0) - (b.priority ?? 0))
    .map((base) => lossIn(nftables, base, packet))
    .find((loss) => loss !== undefined)
}

function lossIn({ rules }: Nftables, base: NftChain, packet: Ipv6Packet): Ipv6Loss | undefined {
  const { family, table, name, policy } = base
  const own = rules.filter((rule) => rule.family === family && rule.table === table)
  const fate = walk(name, { packet, rulesOf: (chain) => own.filter((rule) => rule.chain === chain) })
  if (fate === 'return') return policy === 'drop' ? { family, table, chain: name } : undefined
  if (typeof fate === 'string') return undefined
  const { chain, handle } = fate
  return { family, table, chain, handle, ...present({ packets: packetsOf(fate) }) }
}
