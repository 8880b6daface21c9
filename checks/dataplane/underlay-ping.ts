/**
 * flannel sends to the PublicIP of a peer's lease (pkg/subnet/subnet.go, LeaseAttrs); the
 * hosts must reach each other there. Many networks drop ICMP and pass UDP, so a lost ping of
 * the underlay counts only where the overlay is lost as well.
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
import { pingEvidence } from './ping-evidence.ts'

type Code = 'lost' | 'refused'

/** `refused`: the underlay does not answer pings and the overlay over it works. */
function troubleOf({ forth, back }: HostPair): Code | undefined {
  const states = [smallStates(forth), smallStates(back)]
  if (!states.some(({ hu }) => hu === 'lost')) return undefined
  const overlay = overlayStates(states)
  return overlay.length > 0 && overlay.some((ended) => ended !== 'lost') ? 'refused' : 'lost'
}

function draftOf(code: Code, place: Place): Draft<Code> {
  const pings = place.pairs
    .flatMap(({ forth, back }) => [...forth, ...back])
    .filter(({ pattern, full, received }) => pattern === 'hu' && !full && received === 0)
  return {
    code,
    ...(place.host !== undefined && { host: place.host }),
    ...(place.peer !== undefined && { peer: place.peer }),
    expected: 'every ping answered',
    observed: `${pings.length} of ${place.pairs.length * 2} directions lost`,
    data: { between: placeText(place) },
    evidence: pingEvidence(pings),
  }
}

export const check = defineClusterCheck({
  id: 'dataplane/underlay-ping',
  title: 'Pings between the public IPs of the hosts',
  backends: 'any',
  needs: [],
  observes: ['ping'],
  findings: {
    lost: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'Pings of the underlay {between} are lost, and the overlay over it is too.',
      fix: 'Repair the network between the hosts first: address, link and routes of the underlay, then firewalls and security groups.',
    },
    refused: {
      severity: 'info',
      confidence: 'certain',
      says: 'The underlay does not answer pings {between}, though the overlay over it works.',
      fix: 'Nothing has to be done: something drops ICMP to the public IPs. It also hides the path MTU.',
    },
  },
  *evaluate({ cluster: { snapshot } }) {
    yield* unsent(snapshot.observations ?? [])
    const pairs = hostPairs(pingsOf(snapshot))
    for (const code of ['lost', 'refused'] as const) {
      const troubled = pairs.filter((pair) => troubleOf(pair) === code)
      for (const place of placesOf(pairs, troubled)) yield draftOf(code, place)
    }
  },
})
