/** NAT on the way of a packet, and its reverse for the reply. */
import { formatAddress, parseAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import type { Translation as NatTranslation } from '../filter/nat.ts'
import type { Translate } from '../filter/rule.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import { sourceFor } from '../lookup/source-address.ts'
import { placeName } from './container-view.ts'
import type { AtHook } from './filters.ts'
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

/** Gives the packet to the end of the service that it was sent to; false where the rule gives it to another. */
function isSentOn(walk: Walk, host: HostView, { rule, translate, certain }: NatTranslation): boolean {
  const { packet, to, destination: original } = walk
  const destination = translate?.address
  const isEnd = packet.service !== undefined && destination === parseAddress(to.address)
  if (!isEnd || !certain || rule === undefined || destination === undefined) return false
  const { port: destinationPort } = translate ?? {}
  walk.redirected.push({
    place: placeName(host),
    original,
    destination,
    rule,
    ...present({ destinationPort }),
  })
  walk.destination = destination
  return true
}

/**
 * Ends the walk where a rule gives a new packet another destination than the end it was sent to, at prerouting or output.
 * Says whether the packet goes on. The hook has been passed.
 */
export function isKeptDestination(
  walk: Walk,
  host: HostView,
  asked: { readonly at: AtHook; readonly parts: HopParts },
): boolean {
  const { translation } = walk
  if (translation?.rule === undefined || translation.translate?.address === walk.destination) return true
  if (isSentOn(walk, host, translation)) return true
  const { rule, translate, certain } = translation
  const used = ruleEvidence(rule, host.filters)
  const does = certain ? `gives it ${destinationText(translate)}` : 'may give it another destination'
  const why = `${rule.world} ${rule.chain} ${does}: ${rule.by}`
  lose(walk, certain ? 'redirected' : 'not-enough-facts', { ...asked.parts, used, rule, why })
  return false
}

function destinationText({ address, port }: Partial<Translate> = {}): string {
  if (address === undefined) return 'another destination'
  return `the destination ${formatAddress(address)}${port === undefined ? '' : `:${port}`}`
}

/** Applies source NAT at postrouting to a new packet, and says whether the walk goes on. The hook has been passed. */
export function isTranslationKnown(
  walk: Walk,
  host: HostView,
  asked: { readonly exit: Exit; readonly parts: HopParts },
): boolean {
  const { exit, parts } = asked
  undoRedirection(walk, host)
  const { rule, translate, certain } = walk.translation ?? {}
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

/** Where the request was given another destination its answer gets the first one as source, when it has passed the filters. */
export function undoRedirection(walk: Walk, host: HostView): void {
  const place = placeName(host)
  const made = walk.request?.redirected.find((one) => one.place === place && one.destination === walk.source)
  if (made !== undefined && !walk.untracked.has(place)) walk.source = made.original
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
