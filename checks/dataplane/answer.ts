/**
 * A host forwards what is for its containers (net.ipv4.ip_forward), and each forwarding counts
 * the time to live down by one. An answer that comes back with too high a one was given by a
 * host on the way that holds the container's address itself (kernel ip_route_input: local table first).
 */
import { defineClusterCheck } from '../define.ts'
import { answerHops, hopsOf } from '../expected/ping-hops.ts'
import type { PingObservation } from '../model/observation.ts'
import { endText, pingsOf, unsent } from './host-pairs.ts'
import { pingEvidence } from './ping-evidence.ts'

/** The host that answered in the container's stead; undefined when the container itself may have. */
function impostor(ping: PingObservation, hops: number): string | undefined {
  if (ping.ttl === undefined) return undefined
  const missing = hops - hopsOf(ping.ttl)
  if (missing <= 0) return undefined
  return missing === 1 ? ping.to.host : ping.from.host
}

export const check = defineClusterCheck({
  id: 'dataplane/answer',
  title: 'Who answers for the containers',
  backends: 'any',
  needs: ['config'],
  observes: ['ping'],
  findings: {
    'from-host': {
      severity: 'critical',
      confidence: 'likely',
      says: 'A host answers for container {container}: pings of {address} come back with ttl {ttl}, {observed}.',
      fix: 'Find the host that holds {address} (`ip -4 addr`, kube-ipvs0, leftovers of another network), most likely {host}, and delete the address there.',
    },
  },
  *evaluate({ facts: { config }, cluster: { snapshot } }) {
    yield* unsent(snapshot.observations ?? [])
    const reported = new Set<string>()
    // From a container the two hosts on the way tell themselves apart, from a host they do not.
    const pings = pingsOf(snapshot).filter(({ to }) => to.container !== undefined)
    for (const ping of [...pings].sort((a, b) => a.pattern.localeCompare(b.pattern))) {
      const hops = answerHops(ping.pattern, config.backend)
      const host = impostor(ping, hops)
      const key = JSON.stringify([host, ping.address])
      if (host === undefined || reported.has(key)) continue
      reported.add(key)
      yield {
        code: 'from-host',
        host,
        object: `address ${ping.address}`,
        expected: `an answer forwarded ${hops} times`,
        observed: `forwarded ${hopsOf(ping.ttl ?? 0)} times instead of ${hops}`,
        data: { address: ping.address, container: endText(ping.to), ttl: ping.ttl ?? 0 },
        evidence: pingEvidence([ping]),
      }
    }
  },
})
