/**
 * flannel sends to the PublicIP of a peer's lease (pkg/subnet/subnet.go, LeaseAttrs); the
 * hosts must reach each other there. Many networks drop ICMP and pass UDP, so a lost ping of
 * the underlay counts only where the overlay is lost as well.
 */
import { hostPairCheck } from './host-pair-check.ts'
import { type HostPair, overlayStates, smallStates } from './host-pairs.ts'
import { pingEvidence } from './ping-evidence.ts'

type Code = 'lost' | 'refused'

/** `refused`: the underlay does not answer pings and the overlay over it works. */
function troubleOf({ forth, back }: HostPair): Code | undefined {
  const states = [smallStates(forth), smallStates(back)]
  if (!states.some(({ hu }) => hu === 'lost')) return undefined
  const overlay = overlayStates(states)
  return overlay.length > 0 && overlay.some((ended) => ended !== 'lost') ? 'refused' : 'lost'
}

export const check = hostPairCheck<Code>({
  id: 'dataplane/underlay-ping',
  title: 'Pings between the public IPs of the hosts',
  findings: {
    lost: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'pings of the underlay {between} are lost, and the overlay over it is too',
      fix: 'Repair the network between the hosts first: address, link and routes of the underlay, then firewalls and security groups.',
    },
    refused: {
      severity: 'info',
      confidence: 'certain',
      says: 'the underlay does not answer pings {between}, though the overlay over it works',
      fix: 'Nothing has to be done: something drops ICMP to the public IPs. It also hides the path MTU.',
    },
  },
  troubleOf,
  tell({ pairs }) {
    const pings = pairs
      .flatMap(({ forth, back }) => [...forth, ...back])
      .filter(({ pattern, full, received }) => pattern === 'hu' && !full && received === 0)
    return {
      expected: 'every ping answered',
      observed: `${pings.length} of ${pairs.length * 2} directions lost`,
      evidence: pingEvidence(pings),
    }
  },
})
