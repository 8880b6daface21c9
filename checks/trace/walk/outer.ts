/** The outer UDP packet as packet filters see it. */
import type { Evidence } from '../../check.ts'
import { present } from '../../model/present.ts'
import { hasNatAt } from '../filter/base-chains.ts'
import { type Translation, translationAt } from '../filter/nat.ts'
import { type Packet, ROOT } from '../filter/packet.ts'
import type { Hook } from '../filter/rule.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import { filterPlace } from './filters.ts'
import type { Outer } from './state.ts'
import type { HostView } from './world.ts'

/** vxlan takes its source port from a hash in the ephemeral range (Linux `udp_flow_src_port`): no rule should name it. */
const ANY_SOURCE_PORT = 50_001

/** Protocol and ports of the outer packet. */
export function outerHeaders({ kind, port }: Outer) {
  const sourcePort = kind === 'udp' ? port : ANY_SOURCE_PORT
  return { protocol: 'udp', sourcePort, destinationPort: port } as const
}

/** An outer packet with the source it is sent from, and whether a rule has hidden it from conntrack and so from NAT. */
export type SentOuter = Outer & { readonly source: number; readonly isUntracked?: boolean }

/** Every source that it may have. */
export function sourcesOf({ source, otherSource = source }: Pick<SentOuter, 'source' | 'otherSource'>) {
  return [...new Set([source, otherSource])]
}

/**
 * Conntrack takes each direction of vxlan for a flow of its own; udp's two directions share
 * one, so that a packet may be either state there.
 */
export function outerPackets(host: HostView, outer: SentOuter): readonly Packet[] {
  const { inner, size, ttl } = outer
  const packet = {
    ...(inner && outer.kind === 'vxlan' && { inner }),
    ...present({ ttl }),
    size,
    destination: outer.destination,
    ...outerHeaders(outer),
  } as const
  const sender = outer.kind === 'udp' && outer.sender === host.name && { socket: ROOT }
  const states = outer.kind === 'udp' ? (['NEW', 'ESTABLISHED'] as const) : (['NEW'] as const)
  return sourcesOf(outer).flatMap((source) =>
    states.map((state) => ({ ...packet, ...filterPlace(host, source), ...sender, source, state })),
  )
}

/** What NAT does to an outer packet, and the line of the rule. A flow that both ends share may be older than the rule: `isAsNew`. */
export function outerTranslation(
  host: HostView,
  { hook, outer, links }: { hook: Hook; outer: SentOuter; links: Partial<Packet> },
): Translation & { readonly used: readonly Evidence[]; readonly isAsNew: boolean } {
  const isMet = !outer.isUntracked && hasNatAt(host.filters.tables, hook)
  const [packet] = isMet ? outerPackets(host, outer) : []
  if (packet === undefined) return { certain: true, used: [], isAsNew: false }
  const arriving = { packet: { ...packet, ...links }, mark: outer.mark ?? 0 }
  const found = translationAt(host.filters.tables, hook, arriving)
  const used = found.rule === undefined ? [] : ruleEvidence(found.rule, host.filters)
  const isShared = outer.kind === 'udp'
  return { ...found, certain: found.certain && !isShared, isAsNew: found.certain && isShared, used }
}
