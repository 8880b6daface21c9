/**
 * flannel gives containers the underlay's MTU less the encapsulation (pkg/backend/vxlan/vxlan.go,
 * newVXLANDevice: 50 bytes; pkg/backend/udp/udp_amd64.go: 28). A packet of that size must arrive
 * with the don't-fragment bit set, as TCP sends it (RFC 1191).
 */
import type { Unsure } from '../check.ts'
import { isPathMtuRemembered, type PathMtuObservation, type PingObservation } from '../model/observation.ts'
import { endName } from '../model/path.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { hostPairCheck } from './host-pair-check.ts'
import { type HostPair, pingsOf, smallStates } from './host-pairs.ts'
import { pingEvidence } from './ping-evidence.ts'

type Code = 'too-small' | 'reduced'

/** Full-size pings that were lost although the small ones of their path arrived. */
function tooLarge({ forth, back }: HostPair): readonly PingObservation[] {
  return [forth, back].flatMap((pings) => {
    const small = smallStates(pings)
    return pings
      .filter(({ full, received, pattern }) => full && received === 0 && small[pattern] === 'ok')
      .filter((ping) => !isPathMtuRemembered(ping))
  })
}

/** `reduced`: whoever could not send it on said so, and the sender can adapt. */
function troubleOf(pair: HostPair): Code | undefined {
  const lost = tooLarge(pair)
  if (lost.length === 0) return undefined
  return lost.every(({ error }) => error?.kind === 'too-long') ? 'reduced' : 'too-small'
}

/** What is known of the size that passes: measured, or named by who refused. */
function limitText(snapshot: ClusterSnapshot, lost: readonly PingObservation[]): string {
  const measured = (snapshot.observations ?? [])
    .filter((seen): seen is PathMtuObservation => seen.kind === 'path-mtu')
    .find((seen) =>
      lost.some(({ address, from }) => address === seen.address && from.host === seen.from.host),
    )
  if (measured !== undefined) return `${measured.passes} bytes pass, ${measured.fails} do not`
  const named = lost.find(({ error }) => error?.mtu !== undefined)?.error
  return named === undefined ? 'small packets pass' : `the MTU is ${named.mtu}`
}

/** Ends whose kernel knows a smaller path MTU already and refuses to send. */
function* unjudged(snapshot: ClusterSnapshot): Generator<Unsure> {
  for (const { from, to, error } of pingsOf(snapshot).filter(isPathMtuRemembered)) {
    yield {
      unsure: `${endName(from)} remembers a path MTU of ${error?.mtu} to ${endName(to)} for up to ten minutes, so larger packets could not be tried`,
    }
  }
}

export const check = hostPairCheck<Code>({
  id: 'dataplane/path-mtu',
  title: 'Full-size packets along the paths',
  observes: ['ping', 'path-mtu'],
  findings: {
    'too-small': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'packets of {size} bytes {between} vanish without a word ({path}): {observed}; connections open and then hang',
      fix: 'Find the link with the small MTU on the underlay, or set a smaller MTU in the flannel configuration and restart flanneld and the containers; let ICMP "fragmentation needed" pass.',
    },
    reduced: {
      severity: 'warning',
      confidence: 'certain',
      says: 'packets of {size} bytes {between} are refused ({path}): {observed}',
      fix: 'Give the containers the MTU of subnet.env (FLANNEL_MTU) or raise the MTU of the link that refuses.',
    },
  },
  troubleOf,
  unjudged,
  tell({ pairs }, _code, snapshot) {
    const lost = pairs.flatMap(tooLarge)
    const [first] = lost
    return {
      expected: `packets of ${first?.size} bytes arrive`,
      observed: limitText(snapshot, lost),
      data: {
        size: first?.size ?? 0,
        path: first === undefined ? '' : `${endName(first.from)} → ${endName(first.to)}`,
      },
      evidence: pingEvidence(lost),
    }
  },
})
