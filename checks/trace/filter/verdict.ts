/**
 * What all base chains at one hook do with a packet. An accept holds for its own base
 * chain only; a drop in any of them is final (netfilter core, `nf_hook_slow`).
 */

import { present } from '../../model/present.ts'
import { type Attached, chainsAt } from './base-chains.ts'
import type { Mark, Packet } from './packet.ts'
import type { FilterRule, FilterTable, Hook, World } from './rule.ts'
import { type Arriving, type PossibleVerdict, type Walk, walkBaseChain } from './walk.ts'

/** The rule or policy that decided, or that leaves the fate of a packet open. */
export interface LosingRule {
  /** The rule as printed, or `policy DROP`. */
  readonly by: string
  /** True when the chain's policy dropped it. */
  readonly byPolicy: boolean
  readonly world: World
  /** `filter/FORWARD` or, for nft, `inet firewall/forward`: the chain that holds the rule. */
  readonly chain: string
  /** The words of an iptables rule behind `-A CHAIN`, and its place in the chain, from 1. */
  readonly words?: readonly string[]
  readonly position?: number
  /** Number by which nft deletes the rule. */
  readonly handle?: number
  /** Packets the rule or policy has met so far, where counted. */
  readonly packets?: number
}

/** A time to live that a rule wrote. */
export interface TtlWrite {
  readonly value: number
  readonly rule: LosingRule
}

/** The fate of a packet at a hook; the rule is absent for accept. */
export interface Verdict extends Partial<LosingRule> {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'unknown'
  /** Set where a rule took the packet out of connection tracking. */
  readonly isUntracked?: true
  /** The mark the packet leaves with. */
  readonly mark: Mark
  /** What a rule wrote into its time to live. */
  readonly ttl?: TtlWrite
  /** Set where the kernel looks for the route of its own packet again, as a rule has marked it. */
  readonly isReroutedBy?: true
}

function placeOf({ table }: Attached, chain: string): string {
  return table.world === 'nft' ? `${table.family} ${table.name}/${chain}` : `${table.name}/${chain}`
}

function isLost({ kind }: PossibleVerdict): boolean {
  return kind === 'drop' || kind === 'reject'
}

function isPassed({ kind }: PossibleVerdict): boolean {
  return kind === 'accept' || kind === 'translate'
}

function lostBy(at: Attached, possible: PossibleVerdict, mark: Mark): Verdict {
  const { rule, kind, chain } = possible
  const verdict = kind === 'reject' ? 'reject' : 'drop'
  if (rule !== undefined) return { verdict, mark, ...ruleAt(at, rule, chain) }
  const { policyPackets: packets } = at.chain.base
  const place = { world: at.table.world, chain: placeOf(at, chain) }
  const counted = packets === undefined ? {} : { packets }
  return { verdict, mark, by: `policy ${kind.toUpperCase()}`, byPolicy: true, ...place, ...counted }
}

/** A rule as its tool names it. */
export function ruleAt({ table }: Attached, rule: FilterRule, chain: string): LosingRule {
  const { packets } = rule
  const world = rule.isNative ? 'nft' : table.world
  const place = world === 'nft' ? `${table.family} ${table.name}/${chain}` : `${table.name}/${chain}`
  return {
    by: rule.text,
    byPolicy: false,
    world,
    chain: place,
    ...present({ packets }),
    ...identityOf(rule),
  }
}

/** What the tools know a rule by. */
function identityOf({
  words,
  position,
  handle,
}: FilterRule): Pick<LosingRule, 'words' | 'position' | 'handle'> {
  return present({ words, position, handle })
}

function doubtAt(at: Attached, { verdicts, doubt, mark }: Walk): Verdict {
  const rule = doubt ?? verdicts.find(({ kind }) => kind === 'queue')?.rule
  if (rule !== undefined) return { verdict: 'unknown', mark, ...ruleAt(at, rule, at.chain.name) }
  const by = 'a rule that hands packets to a program'
  return { verdict: 'unknown', mark, by, world: at.table.world, chain: placeOf(at, at.chain.name) }
}

function untracked({ state }: Packet): Pick<Verdict, 'isUntracked'> {
  return state === 'UNTRACKED' ? { isUntracked: true } : {}
}

/** Priority of conntrack at prerouting and output (`NF_IP_PRI_CONNTRACK`): chains before it know no connection. */
const CONNTRACK_PRIORITY = -200

function asSeenAt({ chain: { base } }: Attached, packet: Packet): Packet {
  const isEarly =
    base.hook === 'ingress' ||
    ((base.hook === 'prerouting' || base.hook === 'output') && base.priority < CONNTRACK_PRIORITY)
  return isEarly && packet.state !== 'UNTRACKED' ? { ...packet, state: 'NOT YET' } : packet
}

/** NAT chains are asked for the first packet of a connection only. */
function isAsked({ chain: { base } }: Attached, { state }: Packet): boolean {
  return base.type !== 'nat' || state === 'NEW'
}

/** What a chain has changed beside the mark. A chain of type route has the route looked up again (Linux `nft_chain_route.c`). */
function changesOf(at: Attached, { mark, ttl }: Walk, before: Mark): Pick<Verdict, 'ttl' | 'isReroutedBy'> {
  return {
    ...(ttl && { ttl: { value: ttl.value, rule: ruleAt(at, ttl.rule, ttl.chain) } }),
    ...(at.chain.base.type === 'route' && mark !== before && { isReroutedBy: true as const }),
  }
}

/** The packet behind a chain. */
function asLeft(packet: Packet, { isUntracked, ttl }: Walk): Packet {
  if (!isUntracked && ttl === undefined) return packet
  return {
    ...packet,
    ...(isUntracked && { state: 'UNTRACKED' as const }),
    ...(ttl && { ttl: ttl.value }),
  }
}

/**
 * The verdict of every base chain at `hook` for a packet that arrives with `mark`.
 * `unknown` only where a rule that cannot be followed decides; a later certain drop
 * makes the verdict certain again.
 */
export function verdictAt(tables: readonly FilterTable[], hook: Hook, arriving: Arriving): Verdict {
  let { mark, packet } = arriving
  let doubtful: Verdict | undefined
  let changes: Pick<Verdict, 'ttl' | 'isReroutedBy'> = {}
  for (const at of chainsAt(tables, hook, packet)) {
    if (!isAsked(at, packet)) continue
    const walk = walkBaseChain(at.table, at.chain, { packet: asSeenAt(at, packet), mark })
    changes = { ...changes, ...changesOf(at, walk, mark) }
    mark = walk.mark
    packet = asLeft(packet, walk)
    const [lost] = walk.verdicts.filter(isLost)
    if (lost && walk.verdicts.every(isLost)) return lostBy(at, lost, mark)
    if (!walk.verdicts.every(isPassed)) doubtful ??= doubtAt(at, walk)
  }
  return { ...(doubtful ?? { verdict: 'accept' }), mark, ...changes, ...untracked(packet) }
}

/** The part of a verdict that names the rule; undefined where none decided. */
export function losingRule(verdict: Verdict): LosingRule | undefined {
  const { by, world, chain, byPolicy = false, words, position, handle, packets } = verdict
  if (by === undefined || world === undefined || chain === undefined) return undefined
  return { by, byPolicy, world, chain, ...present({ words, position, handle, packets }) }
}
