/** The packet filters of one host, asked for the packet that is walked. */
import type { Evidence } from '../../check.ts'
import { present } from '../../model/present.ts'
import { isUnfiltered } from '../filter/host-filters.ts'
import type { Translation } from '../filter/nat.ts'
import { type Mark, type Packet, ROOT } from '../filter/packet.ts'
import type { Hook } from '../filter/rule.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import { type LosingRule, losingRule, type TtlWrite, type Verdict, verdictAt } from '../filter/verdict.ts'
import { hostRoute } from '../lookup/host-route.ts'
import { conntrackState } from './conntrack-state.ts'
import { placeName } from './container-view.ts'
import { type HopParts, lose, type Walk } from './state.ts'
import { chosenEnd, headersOf } from './walked-headers.ts'
import type { HostView } from './world.ts'

export { headersOf } from './walked-headers.ts'

/** A hook, with the links the packet has there. */
export interface AtHook {
  readonly hook: Hook
  readonly inLink?: string
  readonly outLink?: string
  readonly inPort?: string
  readonly outPort?: string
  readonly bridge?: string
}

/** What a host's filters know beside the packet. */
export function filterPlace(host: HostView, source: number) {
  return {
    localAddresses: host.local,
    connmark: host.filters.setsConnmark ? ('unknown' as const) : 0,
    linkKind: (name: string) => host.links.get(name)?.kind,
    wayBack: () => wayBack(host, source),
  }
}

/** The link by which the host would send to the source. */
function wayBack(host: HostView, source: number): string | undefined | 'unknown' {
  const answer = hostRoute(host, { destination: source, mark: 0, headers: 'none' })
  if (answer.kind === 'unknown') return 'unknown'
  return answer.kind === 'route' && answer.route.type === 'unicast' ? answer.route.link : undefined
}

/** The walked packet as filters of the host see it. */
function filterPacket(walk: Walk, host: HostView, at: Omit<AtHook, 'hook'>): Omit<Packet, 'state'> {
  const { hook, ...links } = at as AtHook
  const place = placeName(host)
  return {
    ...headersOf(walk),
    ...filterPlace(host, walk.source),
    ...links,
    ...(hook === 'output' && { socket: ROOT }),
    ...(walk.redirected.some((one) => one.place === place) && { isRedirected: true as const }),
    ...present({ chosen: chosenEnd(walk) }),
  }
}

/** What one hook does: the verdict, or `unknown` where states or unread rules leave it open. */
export interface Passage {
  readonly hook: Hook
  readonly verdict: 'accept' | 'lost' | 'unknown'
  readonly mark: Mark
  readonly why?: string
  readonly used: readonly Evidence[]
  readonly rule?: LosingRule
  readonly isUntracked?: boolean
  readonly zone?: number
  readonly ttl?: TtlWrite
  readonly isReroutedBy?: true
  readonly isLostAsNew?: true
  readonly translation?: Translation
}

const IP_HOOKS: ReadonlySet<Hook> = new Set(['prerouting', 'input', 'forward', 'output', 'postrouting'])

function decided(host: HostView, verdict: Verdict): Pick<Passage, 'used' | 'rule'> {
  const rule = losingRule(verdict)
  return { used: ruleEvidence(verdict, host.filters), ...present({ rule }) }
}

function words({ verdict, chain, by, world }: Verdict): string {
  const does = verdict === 'reject' ? 'rejects' : verdict === 'drop' ? 'drops' : 'cannot be followed:'
  return verdict === 'unknown' ? `${world} ${chain} ${does} ${by}` : `${world} ${chain} ${does} it: ${by}`
}

/** Every packet that it may be, with its mark. */
interface Asked {
  readonly packets: readonly Packet[]
  readonly mark: Mark
}

/** Asks for every packet it may be; the answers must agree. */
export function hookPassage(host: HostView, hook: Hook, asked: Asked): Passage {
  const { tables } = host.filters
  const verdicts = asked.packets.map((packet) => verdictAt(tables, hook, { packet, mark: asked.mark }))
  const [lost] = verdicts.filter(isLost)
  if (lost && verdicts.every(isLost))
    return { verdict: 'lost', hook, mark: lost.mark, ...decided(host, lost), why: words(lost) }
  return undecidedPassage(host, hook, verdicts)
}

function isLost({ verdict }: Verdict): boolean {
  return verdict === 'drop' || verdict === 'reject'
}

/** The passage of a packet that is not certainly lost. */
function undecidedPassage(host: HostView, hook: Hook, verdicts: readonly Verdict[]): Passage {
  const { unread } = host.filters
  const doubtful = verdicts.find(({ verdict }) => verdict !== 'accept')
  const [{ mark, isUntracked = false, ttl, isReroutedBy, translation, zone } = { mark: 0 as Mark }] = verdicts
  const left = { hook, mark, isUntracked, ...present({ ttl, isReroutedBy, translation, zone }) }
  if (doubtful) {
    const isLostAsNew = isLost(doubtful)
    const why = isLostAsNew ? `as a new packet only: ${words(doubtful)}` : words(doubtful)
    const open = { verdict: 'unknown', ...left, ...decided(host, doubtful), why } as const
    return isLostAsNew ? { ...open, isLostAsNew } : open
  }
  // Filters that were not read are said at the hooks of IPv4, which every packet meets.
  const [hidden] = IP_HOOKS.has(hook) ? unread : []
  return hidden === undefined
    ? { verdict: 'accept', ...left, used: [] }
    : { verdict: 'unknown', hook, mark, why: `packet filters could not be read: ${hidden}`, used: [] }
}

/** The time to live as a rule has written it; the rule is named where it does not last. */
function writeTtl(walk: Walk, host: HostView, { value, ...parts }: HopParts & TtlWrite): void {
  walk.ttl = value
  walk.shortened = { ...parts, used: ruleEvidence(parts.rule, host.filters) }
}

/** Ends the walk where a hook does not let the packet through, and says whether it goes on. */
export function isLetThrough(
  walk: Walk,
  host: HostView,
  asked: { readonly at: AtHook; readonly parts: HopParts },
): boolean {
  const { at, parts } = asked
  if (isUnfiltered(host.filters, at.hook)) {
    Object.assign(walk, { isRerouted: false, translation: undefined })
    return true
  }
  const packet = filterPacket(walk, host, at)
  const packets: readonly Packet[] = [{ ...packet, state: conntrackState(walk, host) }]
  const { mark } = walk
  const passage = hookPassage(host, at.hook, { packets, mark })
  walk.mark = passage.mark
  walk.isRerouted = passage.isReroutedBy ?? false
  walk.translation = passage.translation
  if (passage.ttl) writeTtl(walk, host, { ...parts, ...passage.ttl })
  if (passage.isUntracked) walk.untracked.add(placeName(host))
  if (passage.zone !== undefined) walk.zones.set(placeName(host), passage.zone)
  const refusedLink = passage.verdict === 'lost' ? linkRefused(host, at, { packets, mark }) : undefined
  return isPassed(walk, passage, { ...parts, ...present({ refusedLink }) })
}

/** The link a lost packet was to leave by, where one of the host's other links would have saved it. */
function linkRefused(
  host: HostView,
  { hook, outLink }: AtHook,
  { packets, mark }: Asked,
): string | undefined {
  if (hook !== 'forward' || outLink === undefined) return undefined
  const others = [...host.links.values()].filter(
    ({ name, master }) => name !== outLink && master === undefined,
  )
  const passes = others.some(({ name }) => {
    const elsewhere = packets.map((packet) => ({ ...packet, outLink: name }))
    return hookPassage(host, hook, { packets: elsewhere, mark }).verdict === 'accept'
  })
  return passes ? outLink : undefined
}

/** Ends the walk at a hook that does not let the packet through, or may not; says whether it goes on. */
export function isPassed(walk: Walk, passage: Passage, parts: HopParts): boolean {
  const { verdict, hook, used, why, rule, isLostAsNew } = passage
  if (verdict === 'accept') return true
  const hop = { ...parts, hook, used, ...present({ why, rule, isLostAsNew }) }
  // What was not read may drop it; what is read behind it may do so certainly.
  const isUnread = verdict === 'unknown' && rule === undefined
  if (isUnread) walk.unread ??= hop
  else lose(walk, verdict === 'lost' ? 'filtered' : 'not-enough-facts', hop)
  return isUnread
}
