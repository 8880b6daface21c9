/** The packet filters of one host, asked for the packet that is walked. */
import type { Evidence } from '../../check.ts'
import type { ConntrackState, Mark, Packet } from '../filter/packet.ts'
import type { Hook } from '../filter/rule.ts'
import { type LosingRule, losingRule, type Verdict, verdictAt } from '../filter/verdict.ts'
import { walkBaseChain } from '../filter/walk.ts'
import { type HopParts, lose, type Walk } from './state.ts'
import type { HostView } from './world.ts'

/** A hook, with the links the packet has there. */
export interface AtHook {
  readonly hook: Hook
  readonly inLink?: string
  readonly outLink?: string
}

/**
 * Conntrack knows a reply where it has seen the request; elsewhere an echo reply opens no flow
 * (Linux `net/netfilter/nf_conntrack_proto_icmp.c`, `nf_conntrack_icmp_packet`) and meets no NAT.
 */
export function conntrackState({ direction, request }: Walk, host: HostView): ConntrackState {
  if (direction === 'request') return 'NEW'
  const sawRequest = request?.hops.some((hop) => hop.host === host.name) ?? false
  return sawRequest ? 'ESTABLISHED' : 'INVALID'
}

/** The walked packet as filters of the host see it. */
export function filterPacket(walk: Walk, host: HostView, at: Omit<AtHook, 'hook'>): Omit<Packet, 'state'> {
  const { source, destination } = walk
  const { inLink, outLink } = at
  return {
    source,
    destination,
    protocol: 'icmp',
    localAddresses: host.local,
    ...(inLink === undefined ? {} : { inLink }),
    ...(outLink === undefined ? {} : { outLink }),
  }
}

/** What one hook does: the verdict, or `unknown` where states or unread rules leave it open. */
export interface Passage {
  readonly verdict: 'accept' | 'lost' | 'unknown'
  readonly mark: Mark
  readonly why?: string
  readonly used: readonly Evidence[]
  readonly rule?: LosingRule
}

function evidence({ filters }: HostView, { world, chain = '', by = '' }: Verdict): readonly Evidence[] {
  const source = world === undefined ? undefined : filters.sources[world]
  return source === undefined ? [] : [{ source, excerpt: `${chain}: ${by}` }]
}

function decided(host: HostView, verdict: Verdict): Pick<Passage, 'used' | 'rule'> {
  const rule = losingRule(verdict)
  return { used: evidence(host, verdict), ...(rule && { rule }) }
}

function words({ verdict, chain, by, world }: Verdict): string {
  const does = verdict === 'reject' ? 'rejects' : verdict === 'drop' ? 'drops' : 'cannot be followed:'
  return verdict === 'unknown' ? `${world} ${chain} ${does} ${by}` : `${world} ${chain} ${does} it: ${by}`
}

/** Asks for every packet it may be; the answers must agree. */
export function hookPassage(
  host: HostView,
  hook: Hook,
  asked: { readonly packets: readonly Packet[]; readonly mark: Mark },
): Passage {
  const { tables, unread } = host.filters
  const verdicts = asked.packets.map((packet) => verdictAt(tables, hook, { packet, mark: asked.mark }))
  const isLost = ({ verdict }: Verdict): boolean => verdict === 'drop' || verdict === 'reject'
  const [lost] = verdicts.filter(isLost)
  if (lost && verdicts.every(isLost))
    return { verdict: 'lost', mark: lost.mark, ...decided(host, lost), why: words(lost) }
  const doubtful = verdicts.find(({ verdict }) => verdict !== 'accept')
  const mark = verdicts[0]?.mark ?? 0
  if (doubtful) {
    const why = isLost(doubtful) ? `as a new packet only: ${words(doubtful)}` : words(doubtful)
    return { verdict: 'unknown', mark, ...decided(host, doubtful), why }
  }
  const [hidden] = unread
  return hidden === undefined
    ? { verdict: 'accept', mark, used: [] }
    : { verdict: 'unknown', mark, why: `packet filters could not be read: ${hidden}`, used: [] }
}

/** Ends the walk where a hook does not let the packet through, and says whether it goes on. */
export function isLetThrough(
  walk: Walk,
  host: HostView,
  asked: { readonly at: AtHook; readonly parts: HopParts },
): boolean {
  const { at, parts } = asked
  const packet = filterPacket(walk, host, at)
  const packets: readonly Packet[] = [{ ...packet, state: conntrackState(walk, host) }]
  const passage = hookPassage(host, at.hook, { packets, mark: walk.mark })
  walk.mark = passage.mark
  if (passage.verdict === 'accept') return true
  loseTo(walk, passage, parts)
  return false
}

/** Ends the walk at a hook that does not let the packet through, or may not. */
export function loseTo(walk: Walk, { verdict, used, why, rule }: Passage, parts: HopParts): undefined {
  const drop = verdict === 'lost' ? 'filtered' : 'not-enough-facts'
  return lose(walk, drop, { ...parts, used, ...(why === undefined ? {} : { why }), ...(rule && { rule }) })
}

/** The rule that gives a new packet another destination, at prerouting or output; undefined when none may. */
export function redirection(
  host: HostView,
  hook: 'prerouting' | 'output',
  packet: Packet,
): string | undefined {
  for (const table of host.filters.tables) {
    for (const chain of table.chains.values()) {
      if (chain.base?.hook !== hook || chain.base.type !== 'nat') continue
      const { verdicts } = walkBaseChain(table, chain, { packet, mark: 0 })
      const rule = verdicts.find(({ kind }) => kind === 'translate')?.rule
      if (rule !== undefined) return rule.text
    }
  }
  return undefined
}
