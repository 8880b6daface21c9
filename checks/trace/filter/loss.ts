/** From the verdicts of several packets to one draft per rule or policy that loses them. */

import type { Draft, Unsure } from '../../check.ts'
import type { ExpectedHost } from '../../expected/expected.ts'
import { formatPrefix, maskPrefix } from '../../model/address.ts'
import { named } from '../../model/named.ts'
import type { HostName } from '../../model/snapshot.ts'
import { ownerOf, removalFixes } from '../pairs/rule-removal.ts'
import type { HostFilters } from './host-filters.ts'
import type { Journey } from './journeys.ts'
import { ruleEvidence } from './rule-evidence.ts'
import { losingRule, type Verdict } from './verdict.ts'

export interface JudgedJourney {
  readonly journey: Journey
  readonly verdict: Verdict
}

/** The host whose filters they are. */
export interface FilteringHost {
  readonly host: HostName
  readonly expected: ExpectedHost
}

/** Packets lost to one rule or policy; the check adds its code. */
export interface Loss {
  readonly byPolicy: boolean
  readonly draft: Omit<Draft, 'code'>
}

/** The peer, when every lost packet belongs to that one. */
function onlyPeer(lost: readonly JudgedJourney[]): { readonly peer?: string } {
  const names = new Set(lost.map(({ journey }) => journey.peer?.name))
  const [name] = names
  return names.size === 1 && name !== undefined ? { peer: name } : {}
}

function lossOf(
  lost: readonly JudgedJourney[],
  filters: HostFilters,
  { host, expected }: FilteringHost,
): Loss[] {
  const [first] = lost
  if (first === undefined) return []
  const { verdict } = first
  const { world = 'nft', chain = '', by = '', byPolicy = false, packets = 'an unknown number of' } = verdict
  const network = formatPrefix(maskPrefix(expected.config.network))
  const journeys = [...new Set(lost.map(({ journey }) => journey.words))].join(', ')
  const rule = losingRule(verdict)
  const owner = rule && ownerOf(rule, network)
  const draft = {
    object: named('chain', `${world} ${chain}`),
    ...onlyPeer(lost),
    expected: `${network} accepted`,
    observed: by,
    data: { world, chain, journeys, packets, network, owner: owner === undefined ? '' : `. ${owner}` },
    ...(rule && { fixes: removalFixes(rule, { host, network }) }),
    evidence: ruleEvidence(verdict, filters),
  }
  return [{ byPolicy, draft }]
}

/** Groups the lost packets by what loses them; a verdict that is not known is said to be unsure. */
export function lossDrafts(
  judged: readonly JudgedJourney[],
  filters: HostFilters,
  place: FilteringHost,
): readonly (Loss | Unsure)[] {
  const lost = judged.filter(({ verdict }) => verdict.verdict === 'drop' || verdict.verdict === 'reject')
  const groups = Map.groupBy(lost, ({ verdict }) => `${verdict.world} ${verdict.chain} ${verdict.by}`)
  const unsure = judged
    .filter(({ verdict }) => verdict.verdict === 'unknown')
    .map(
      ({ verdict }) => `what this rule does is undecided: ${verdict.world} ${verdict.chain}: ${verdict.by}`,
    )
  return [
    ...[...groups.values()].flatMap((group) => lossOf(group, filters, place)),
    ...[...new Set(unsure)].map((reason) => ({ unsure: reason })),
  ]
}
