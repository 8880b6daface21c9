/**
 * A lease names a host that must answer: at its public IP, and through the overlay at the address of its flannel link
 * (flannel pkg/subnet/subnet.go, LeaseAttrs; pkg/backend/vxlan/vxlan.go). Asked where that host itself was not looked at.
 */
import type { Draft } from '../check.ts'
import type { PingObservation } from '../model/observation.ts'
import { definePingCheck } from './host-pair-check.ts'
import { leasePingsOf, type PathStates, smallStates, unsent } from './host-pairs.ts'
import { pingEvidence } from './ping-evidence.ts'

type Code = 'lost' | 'silent' | 'bridge-silent'

/** One host and one lease it asked. */
interface Asked {
  readonly pings: readonly PingObservation[]
  readonly states: PathStates
  readonly host: string
  readonly peer: string
  readonly lease: string
}

function askedLeases(pings: readonly PingObservation[]): readonly Asked[] {
  const sent = pings.filter(({ problem }) => problem === undefined)
  const groups = Map.groupBy(sent, ({ from, to }) => JSON.stringify([from.host, to.host, to.lease]))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { from, to } = first
    const states = smallStates(group)
    return [{ pings: group, states, host: from.host, peer: to.host, lease: to.lease ?? '' }]
  })
}

const isSilent = ({ states }: Asked): boolean => Object.values(states).every((state) => state === 'lost')

/** What is wrong with one; undefined where the tunnel answers, and with it everything the lease promises. */
function troubleOf(asked: Asked, { isCutOff, complete }: Around): Code | undefined {
  const { hu, hv, hd } = asked.states
  // With every host named a lease that nobody answers for is a leftover, which the lease checks judge.
  if (isSilent(asked) && complete) return undefined
  if (isSilent(asked)) return isCutOff ? 'lost' : 'silent'
  if (hv === 'lost') return hd === 'lost' ? 'lost' : undefined
  return hd === 'lost' && (hv !== undefined || hu !== undefined) ? 'bridge-silent' : undefined
}

interface Around {
  /** Nothing that the host asked of any lease was answered. */
  readonly isCutOff: boolean
  readonly complete: boolean
}

/** Who does not answer, as a person reads it. */
const NAMES: Readonly<Partial<Record<string, string>>> = {
  hu: 'public IP',
  hv: 'flannel link',
  hd: 'bridge',
}

function observedText({ pings }: Asked): string {
  return pings
    .map(
      ({ pattern, address, received }) =>
        `${NAMES[pattern] ?? pattern} ${address} ${received > 0 ? 'answers' : 'does not'}`,
    )
    .join(', ')
}

function draftOf(code: Code, asked: Asked): Draft<Code> {
  const { host, peer, lease, pings } = asked
  return {
    code,
    host,
    peer,
    object: `lease ${lease}`,
    expected: 'every ping answered',
    observed: observedText(asked),
    data: { lease, peer, host },
    evidence: pingEvidence(pings.filter(({ received }) => received === 0)),
  }
}

export const check = definePingCheck<Code>({
  id: 'dataplane/lease-ping',
  title: 'Pings to hosts of leases that were not looked at',
  findings: {
    lost: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: '{host} reaches nothing of lease {lease} of {peer} through the overlay: {observed}',
      fix: 'Run the check with {peer} as well (`--host ssh://{peer}`). Where its public IP answers, look at what carries the overlay between the two: firewalls and security groups, the port and VNI of both; where it does not, at the underlay.',
    },
    silent: {
      severity: 'warning',
      confidence: 'possible',
      says: 'nothing of lease {lease} answers {host}, neither {peer} itself: the host is gone, or the underlay to it is broken',
      fix: 'See whether {peer} runs. Where it is gone for good its lease ends by itself, within a day unless the configuration says otherwise.',
    },
    'bridge-silent': {
      severity: 'warning',
      confidence: 'possible',
      says: 'the host of lease {lease} answers {host} and the first address of its subnet does not: {peer} has no container bridge there, or none that is up',
      fix: 'On {peer} see `ip -4 addr show` for an address of {lease} on docker0 or cni0. A node of Kubernetes has none until its first pod.',
    },
  },
  *evaluate(snapshot) {
    const pings = leasePingsOf(snapshot)
    yield* unsent(pings)
    const asked = askedLeases(pings)
    for (const one of asked) {
      const own = asked.filter(({ host }) => host === one.host)
      const around = { isCutOff: own.every(isSilent), complete: snapshot.complete }
      const code = troubleOf(one, around)
      if (code !== undefined) yield draftOf(code, one)
    }
  },
})
