/** Source NAT on the way, and its reverse for the reply. */
import { formatAddress, parseAddress } from '../../model/address.ts'
import { translationOf } from '../filter/verdict.ts'
import { sourceFor } from '../lookup/source-address.ts'
import { conntrackState, filterPacket } from './filters.ts'
import { type HopParts, lose, type Walk } from './state.ts'
import type { HostView } from './world.ts'

const FIXED_SOURCE = /--to-source (\d+(?:\.\d+){3})(?![\d.]|-)|snat to (\d+(?:\.\d+){3})/

/** Where a routed packet leaves. */
interface Exit {
  readonly inLink?: string
  readonly outLink: string
  readonly nextHop: number
}

/** The address a rule writes as source: the one it names, or for masquerading the one the host would send from. */
function newSource(host: HostView, rule: string, { outLink, nextHop }: Exit): number | undefined {
  const [, iptables, nft] = FIXED_SOURCE.exec(rule) ?? []
  const fixed = parseAddress(iptables ?? nft ?? '')
  if (fixed !== undefined) return fixed
  return /masquerade/i.test(rule) ? sourceFor(host, outLink, nextHop) : undefined
}

/** Applies source NAT at postrouting to a new packet, and says whether the walk goes on. */
export function isTranslationKnown(
  walk: Walk,
  host: HostView,
  asked: { readonly exit: Exit; readonly parts: HopParts },
): boolean {
  const { exit, parts } = asked
  if (conntrackState(walk, host) !== 'NEW') return true
  const packet = { ...filterPacket(walk, host, exit), state: 'NEW' } as const
  const { translated, by = '' } = translationOf(host.filters.tables, packet)
  if (translated === false) return true
  const source = translated === true ? newSource(host, by, exit) : undefined
  if (source === undefined) {
    lose(walk, 'not-enough-facts', {
      ...parts,
      why: `what this rule does to the source cannot be told: ${by}`,
    })
    return false
  }
  walk.made.push({ host: host.name, original: walk.source, translated: source })
  walk.source = source
  return true
}

/** Puts the original address back into a reply that comes to the host which translated the request. */
export function undoTranslation(walk: Walk, host: HostView): string | undefined {
  const made = walk.request?.made.find(
    ({ host: name, translated }) => name === host.name && translated === walk.destination,
  )
  if (made === undefined) return undefined
  walk.destination = made.original
  return `the masqueraded address ${formatAddress(made.translated)} becomes ${formatAddress(made.original)} again`
}
