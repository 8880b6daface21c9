/** NAT on the way of a packet, and its reverse for the reply. */
import { formatAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import { translationAt } from '../filter/nat.ts'
import type { Translate } from '../filter/rule.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import { sourceFor } from '../lookup/source-address.ts'
import { type AtHook, conntrackState, filterPacket } from './filters.ts'
import { type HopParts, lose, type Walk } from './state.ts'
import type { HostView } from './world.ts'

/** Where a routed packet leaves. */
interface Exit {
  readonly inLink?: string
  readonly outLink: string
  readonly nextHop: number
}

/** The address a rule writes as source: the one it names, or for masquerading the one the host would send from. */
export function newSource(
  host: HostView,
  rule: Translate | undefined,
  { outLink, nextHop }: Exit,
): number | undefined {
  if (rule?.isOwn) return sourceFor(host, outLink, nextHop)
  return rule?.address
}

/** What NAT does at a hook to the first packet of a connection; nothing to those behind it. */
function translationOf(walk: Walk, host: HostView, at: AtHook): ReturnType<typeof translationAt> | undefined {
  if (conntrackState(walk, host) !== 'NEW') return undefined
  const packet = { ...filterPacket(walk, host, at), state: 'NEW' } as const
  return translationAt(host.filters.tables, at.hook, { packet, mark: walk.mark })
}

/**
 * Ends the walk where a rule gives a new packet another destination, at prerouting or output: it does not come to the
 * end it was sent to. Says whether the packet goes on as it was.
 */
export function isKeptDestination(
  walk: Walk,
  host: HostView,
  asked: { readonly at: AtHook; readonly parts: HopParts },
): boolean {
  const { at, parts } = asked
  const { rule, translate, certain } = translationOf(walk, host, at) ?? {}
  if (rule === undefined || translate?.address === walk.destination) return true
  const used = ruleEvidence(rule, host.filters)
  const why = `${rule.world} ${rule.chain} may give it another destination: ${rule.by}`
  if (certain) lose(walk, 'redirected', { ...parts, used, rule, why })
  else lose(walk, 'not-enough-facts', { ...parts, used, rule, why })
  return false
}

/** Applies source NAT at postrouting to a new packet, and says whether the walk goes on. */
export function isTranslationKnown(
  walk: Walk,
  host: HostView,
  asked: { readonly exit: Exit; readonly parts: HopParts },
): boolean {
  const { exit, parts } = asked
  const { rule, translate, certain } = translationOf(walk, host, { hook: 'postrouting', ...exit }) ?? {}
  if (rule === undefined) return true
  const source = certain ? newSource(host, translate, exit) : undefined
  if (source === undefined) {
    const why = `what this rule does to the source is undecided: ${rule.by}`
    lose(walk, 'not-enough-facts', { ...parts, rule, why })
    return false
  }
  const { name, container } = host
  const place = { host: name, ...present({ container }) }
  walk.made.push({ ...place, original: walk.source, translated: source, rule })
  walk.source = source
  return true
}

/** Puts the original address back into a reply that comes to the host which translated the request. */
export function undoTranslation(walk: Walk, host: HostView): string | undefined {
  const made = walk.request?.made.find(
    (one) =>
      one.host === host.name && one.container === host.container && one.translated === walk.destination,
  )
  if (made === undefined) return undefined
  walk.destination = made.original
  return `the masqueraded address ${formatAddress(made.translated)} becomes ${formatAddress(made.original)} again`
}
