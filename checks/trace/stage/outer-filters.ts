/** The packet filters and NAT of both hosts, asked for the packet that carries ours. */
import { isUnfiltered } from '../filter/host-filters.ts'
import type { Translate } from '../filter/rule.ts'
import { hookPassage, isPassed, type Passage } from '../walk/filters.ts'
import { outerPackets, outerTranslation, type SentOuter } from '../walk/outer.ts'
import { type HopParts, lose, type Walk } from '../walk/state.ts'
import { newSource } from '../walk/translation.ts'
import { type HostView, underlayOwners } from '../walk/world.ts'

/** An outer packet at a hook. */
export interface OuterAt {
  readonly hook: 'prerouting' | 'input' | 'output' | 'postrouting'
  readonly outer: SentOuter
  readonly links: { readonly inLink: string } | { readonly outLink: string }
}

/** What a hook leaves of an outer packet; undefined where the walk ends there. */
export function outerPassage(
  walk: Walk,
  host: HostView,
  asked: OuterAt & { readonly parts: HopParts },
): Passage | undefined {
  const { hook, outer, links, parts } = asked
  const { mark = 0 } = outer
  if (isUnfiltered(host.filters, hook)) return { hook, verdict: 'accept', mark, used: [] }
  const packets = outerPackets(host, outer).map((packet) => ({ ...packet, ...links }))
  const passage = hookPassage(host, hook, { packets, mark })
  return isPassed(walk, passage, parts) ? passage : undefined
}

/** Whether a destination leads to the socket all the same: on the receiver its own addresses, on the sender those of the receiver. */
function isSameEnd(
  walk: Walk,
  host: HostView,
  { hook, outer, address }: Pick<OuterAt, 'hook' | 'outer'> & { address: number },
): boolean {
  if (address === outer.destination) return true
  if (outer.kind === 'udp') return false
  if (hook === 'prerouting') return host.local.has(address)
  const [own] = underlayOwners(walk.world, outer.destination)
  return own !== undefined && underlayOwners(walk.world, address).some((owner) => owner.host === own.host)
}

/** Whether what NAT makes of the packet still comes to the socket. */
function leadsToSocket(
  walk: Walk,
  host: HostView,
  {
    hook,
    outer,
    translate = {},
  }: Pick<OuterAt, 'hook' | 'outer'> & { translate?: Partial<Translate> | undefined },
): boolean {
  const { port = outer.port, isOwn, address } = translate
  if (port !== outer.port) return false
  const isHere = hook === 'prerouting' && isOwn === true
  return isHere || (address !== undefined && isSameEnd(walk, host, { hook, outer, address }))
}

/** Ends the walk where a rule gives the outer packet another destination or port; says whether it goes on as it was. */
export function isOuterKept(
  walk: Walk,
  host: HostView,
  asked: OuterAt & { readonly parts: HopParts },
): boolean {
  const { outer, hook, parts } = asked
  const { rule, translate, certain, isAsNew, used } = outerTranslation(host, asked)
  if (rule === undefined || leadsToSocket(walk, host, { hook, outer, translate })) return true
  const why = `${rule.world} ${rule.chain} gives the packet that carries it another destination: ${rule.by}`
  const asNew = isAsNew && ({ hook, isLostAsNew: true } as const)
  lose(walk, certain ? 'redirected' : 'not-enough-facts', { ...parts, ...asNew, used, rule, why })
  return false
}

/**
 * The source of the outer packet behind NAT at postrouting, and the one it has where its flow is younger than the rule;
 * undefined where the walk ends, as it is not known.
 */
export function outerSources(
  walk: Walk,
  host: HostView,
  asked: OuterAt & { readonly parts: HopParts; readonly exit: { outLink: string; nextHop: number } },
): readonly number[] | undefined {
  const { outer, exit, parts } = asked
  const { rule, translate, certain, isAsNew, used } = outerTranslation(host, asked)
  if (rule === undefined) return [outer.source]
  const source = certain || isAsNew ? newSource(host, translate, exit) : undefined
  if (source !== undefined && certain) return [source]
  // A flow older than the rule keeps its source, which may be the same.
  if (source !== undefined) return [...new Set([outer.source, source])]
  const why = `what this rule does to the source of the packet that carries it is undecided: ${rule.by}`
  return lose(walk, 'not-enough-facts', { ...parts, used, rule, why })
}
