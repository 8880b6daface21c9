/**
 * flannel promises that every container and every host reaches every container (flannel README):
 * hosts forward what flannel's routes bring (pkg/backend/*), nothing between may drop it.
 * These are symptoms: what a fact explains stands above them (diagnosis/dataplane-edges.ts).
 */
import type { Draft } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import {
  type HostPair,
  hostPairs,
  overlayStates,
  type Place,
  pingsOf,
  placesOf,
  placeText,
  smallStates,
  unsent,
} from './host-pairs.ts'
import { lossPattern, pathsText } from './loss-pattern.ts'
import { pingEvidence } from './ping-evidence.ts'

type Code = 'lost' | 'containers-lost' | 'partly-lost'

const CODES: readonly Code[] = ['lost', 'containers-lost', 'partly-lost']

/** The trouble of a pair; undefined when every overlay ping was answered. */
function troubleOf({ forth, back }: HostPair): Code | undefined {
  const states = [smallStates(forth), smallStates(back)]
  if (states.some(({ hd }) => hd === 'lost')) return 'lost'
  const ended = overlayStates(states)
  if (ended.includes('lost')) return 'containers-lost'
  return ended.includes('partly') ? 'partly-lost' : undefined
}

function draftOf(code: Code, place: Place): Draft<Code> {
  const { pairs } = place
  const { from, to, says, suspects } = lossPattern(pairs[0] as HostPair)
  const state = code === 'partly-lost' ? 'partly' : 'lost'
  const pings = pairs
    .flatMap(({ forth, back }) => [...forth, ...back])
    .filter(({ pattern, full, sent, received }) => pattern !== 'hu' && !full && received < sent)
  return {
    code,
    ...(place.host !== undefined && { host: place.peer === undefined ? place.host : from }),
    ...(place.peer !== undefined && { peer: to }),
    expected: 'every ping answered',
    observed: pathsText(pairs, state),
    data: { between: placeText(place), says, suspects },
    evidence: pingEvidence(pings),
  }
}

export const check = defineClusterCheck({
  id: 'dataplane/overlay-ping',
  title: 'Pings through the overlay',
  backends: 'any',
  needs: [],
  observes: ['ping'],
  findings: {
    lost: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'Pings {between} are lost in the overlay: {says}.',
      fix: 'Look at {suspects}. `flannel-doctor trace` shows where one ping ends.',
    },
    'containers-lost': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'Pings of containers {between} are lost, those of the hosts themselves are not: {says}.',
      fix: 'Look at {suspects}. `flannel-doctor trace` shows where one ping ends.',
    },
    'partly-lost': {
      severity: 'warning',
      confidence: 'likely',
      says: 'Some pings {between} are lost in the overlay, twice in a row: {observed}.',
      fix: 'Look for errors and drops on the links of both hosts (`ip -s link`), a full neighbour table, a busy flanneld (udp), and loss on the underlay.',
    },
  },
  *evaluate({ cluster: { snapshot } }) {
    yield* unsent(snapshot.observations ?? [])
    const pairs = hostPairs(pingsOf(snapshot))
    for (const code of CODES) {
      const troubled = pairs.filter((pair) => troubleOf(pair) === code)
      for (const place of placesOf(pairs, troubled)) yield draftOf(code, place)
    }
  },
})
