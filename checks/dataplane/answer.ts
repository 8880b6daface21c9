/**
 * A host forwards what is for its containers (net.ipv4.ip_forward), and each forwarding counts
 * the time to live down by one. An answer that comes back with too high a one was given by a
 * host on the way that holds the container's address itself (kernel ip_route_input: local table first).
 */

import type { Evidence } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { knownValue } from '../expected/observed-host.ts'
import { answerHops, hopsOf } from '../expected/ping-hops.ts'
import { named } from '../model/named.ts'
import type { PingObservation } from '../model/observation.ts'
import { endName } from '../model/path.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { pingsOf, unsent } from './host-pairs.ts'
import { pingEvidence } from './ping-evidence.ts'

/** Who answered in the container's stead, in a clause too. */
interface Impostor {
  readonly where: string
  readonly host?: HostName
  readonly evidence?: Evidence
}

/** The host on the way that the time to live points to; undefined when the container itself may have answered. */
function onTheWay(ping: PingObservation, hops: number): HostName | undefined {
  if (ping.ttl === undefined) return undefined
  const missing = hops - hopsOf(ping.ttl)
  if (missing <= 0) return undefined
  return missing === 1 ? ping.to.host : ping.from.host
}

function holdersOf(snapshot: ClusterSnapshot, address: string): readonly Required<Impostor>[] {
  return [...snapshot.hosts.values()].flatMap(({ host, facts: { addresses } }) => {
    const found = knownValue(addresses)?.find((one) => one.address === address && one.scope !== 'host')
    if (found === undefined) return []
    const excerpt = `${found.address}/${found.length} dev ${found.link}`
    return [{ host, where: `${host} has it on ${found.link}`, evidence: { source: addresses.from, excerpt } }]
  })
}

/** A third host answers as one on the way does, where a route or a neighbour leads to it: who holds the address tells. */
function impostor(snapshot: ClusterSnapshot, guess: HostName, address: string): Impostor {
  const holders = holdersOf(snapshot, address)
  const holder = holders.find(({ host }) => host === guess) ?? holders[0]
  if (holder !== undefined) return holder
  const isRead = snapshot.hosts.get(guess)?.facts.addresses.known === true
  if (!isRead) return { host: guess, where: `most likely ${guess}` }
  return {
    where: `a host that was not read, or a rule on ${guess} that redirects: no host that was read has it`,
  }
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
      effect: 'loss',
      confidence: 'likely',
      says: 'a host answers for container {container}: pings of {address} come back with ttl {ttl}, {observed}',
      fix: 'Find the host that holds {address} (`ip -4 addr`, kube-ipvs0, leftovers of another network), {where}; delete the address there.',
    },
  },
  *evaluate({ facts: { config }, cluster: { snapshot } }) {
    yield* unsent(snapshot.observations ?? [])
    const reported = new Set<string>()
    // From a container the two hosts on the way tell themselves apart, from a host they do not.
    const pings = pingsOf(snapshot).filter(({ to }) => to.container !== undefined)
    for (const ping of [...pings].sort((a, b) => a.pattern.localeCompare(b.pattern))) {
      const hops = answerHops(ping.pattern, config.backend)
      const guess = onTheWay(ping, hops)
      if (guess === undefined) continue
      const { host, where, evidence } = impostor(snapshot, guess, ping.address)
      const key = JSON.stringify([host, ping.address])
      if (reported.has(key)) continue
      reported.add(key)
      yield {
        code: 'from-host',
        ...present({ host }),
        object: named('address', ping.address),
        expected: `an answer forwarded ${hops} times`,
        observed: `forwarded ${hopsOf(ping.ttl ?? 0)} times instead of ${hops}`,
        data: { address: ping.address, container: endName(ping.to), ttl: ping.ttl ?? 0, where },
        evidence: [...pingEvidence([ping]), ...(evidence ? [evidence] : [])],
      }
    }
  },
})
