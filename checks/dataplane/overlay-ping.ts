/**
 * flannel promises that every container and every host reaches every container (flannel README):
 * hosts forward what flannel's routes bring (pkg/backend/*), nothing between may drop it.
 * These are symptoms: what a fact explains stands above them (diagnosis/dataplane-edges.ts).
 */
import { hostPairCheck } from './host-pair-check.ts'
import { type HostPair, overlayStates, smallStates } from './host-pairs.ts'
import { lossPattern, pathsText } from './loss-pattern.ts'
import { pingEvidence } from './ping-evidence.ts'

type Code = 'lost' | 'containers-lost' | 'partly-lost'

/** The trouble of a pair; undefined when every overlay ping was answered. */
function troubleOf({ forth, back }: HostPair): Code | undefined {
  const states = [smallStates(forth), smallStates(back)]
  if (states.some(({ hd }) => hd === 'lost')) return 'lost'
  const ended = overlayStates(states)
  if (ended.includes('lost')) return 'containers-lost'
  return ended.includes('partly') ? 'partly-lost' : undefined
}

export const check = hostPairCheck<Code>({
  id: 'dataplane/overlay-ping',
  title: 'Pings through the overlay',
  findings: {
    lost: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'pings {between} are lost in the overlay: {says}',
      fix: 'Look at {suspects}. `flannel-doctor trace` shows where one ping ends.',
    },
    'containers-lost': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'pings of containers {between} are lost, those of the hosts themselves are not: {says}',
      fix: 'Look at {suspects}. `flannel-doctor trace` shows where one ping ends.',
    },
    'partly-lost': {
      severity: 'warning',
      confidence: 'likely',
      says: 'some pings {between} are lost in the overlay, twice in a row: {observed}',
      fix: 'Look for errors and drops on the links of both hosts (`ip -s link`), a full neighbour table, a busy flanneld (udp), and loss on the underlay.',
    },
  },
  troubleOf,
  tell({ peer, pairs }, code) {
    const { from, to, says, suspects } = lossPattern(pairs[0] as HostPair)
    const pings = pairs
      .flatMap(({ forth, back }) => [...forth, ...back])
      .filter(({ pattern, full, sent, received }) => pattern !== 'hu' && !full && received < sent)
    return {
      ...(peer !== undefined && { host: from, peer: to }),
      expected: 'every ping answered',
      observed: pathsText(pairs, code === 'partly-lost' ? 'partly' : 'lost'),
      data: { says, suspects },
      evidence: pingEvidence(pings),
    }
  },
})
