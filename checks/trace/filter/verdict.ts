/**
 * What all base chains at one hook do with a packet. An accept holds for its own base
 * chain only; a drop in any of them is final (netfilter core, `nf_hook_slow`).
 */

import { present } from '../../model/present.ts'
import { type Attached, chainsAt } from './base-chains.ts'
import { type LosingRule, placeOf, ruleAt } from './losing-rule.ts'
import { type Translation, translationIn } from './nat.ts'
import type { Mark, Packet } from './packet.ts'
import type { FilterTable, Hook } from './rule.ts'
import { type Arriving, type PossibleVerdict, type Walk, walkBaseChain } from './walk.ts'

export type { LosingRule } from './losing-rule.ts'

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
  /** The zone of connection tracking that a rule put it in. */
  readonly zone?: number
  /** The mark the packet leaves with. */
  readonly mark: Mark
  /** What a rule wrote into its time to live. */
  readonly ttl?: TtlWrite
  /** What NAT does to it: a destination is written here, a source when the packet leaves. */
  readonly translation?: Translation
  /** Set where the kernel looks for the route of its own packet again, as a rule has marked it. */
  readonly isReroutedBy?: true
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

/** NAT chains are asked for the first packet of a connection only, and none behind the one that translates. */
function isAsked({ chain: { base } }: Attached, { state }: Packet, { translation }: Changes): boolean {
  return base.type !== 'nat' || (state === 'NEW' && translation === undefined)
}

type Changes = Pick<Verdict, 'ttl' | 'isReroutedBy' | 'translation' | 'zone'>

/** What a chain has changed beside the mark. A chain of type route has the route looked up again (Linux `nft_chain_route.c`). */
function changesOf(at: Attached, walk: Walk, before: Mark): Changes {
  const { mark, ttl, zone } = walk
  return {
    ...present({ zone }),
    ...(at.chain.base.type === 'nat' && present({ translation: translationIn(at, walk) })),
    ...(ttl && { ttl: { value: ttl.value, rule: ruleAt(at, ttl.rule, ttl.chain) } }),
    ...(at.chain.base.type === 'route' && mark !== before && { isReroutedBy: true as const }),
  }
}

/** The packet with the destination that NAT has given it. */
function redirected(packet: Packet, { certain, translate }: Translation): Packet {
  const { side, address, port } = translate ?? {}
  if (!certain || side !== 'destination' || address === undefined) return packet
  return { ...packet, isRedirected: true, destination: address, ...present({ destinationPort: port }) }
}

/** The packet behind a chain. */
function asLeft(packet: Packet, { isUntracked, ttl }: Walk, { translation }: Changes): Packet {
  const given = translation === undefined ? packet : redirected(packet, translation)
  if (!isUntracked && ttl === undefined) return given
  return {
    ...given,
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
  let changes: Changes = {}
  for (const at of chainsAt(tables, hook, packet)) {
    if (!isAsked(at, packet, changes)) continue
    const walk = walkBaseChain(at.table, at.chain, { packet: asSeenAt(at, packet), mark })
    changes = { ...changes, ...changesOf(at, walk, mark) }
    mark = walk.mark
    packet = asLeft(packet, walk, changes)
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
