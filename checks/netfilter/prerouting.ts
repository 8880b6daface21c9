/**
 * flannel's packets for containers come in on the overlay link (or, for host-gw, the external
 * link). Docker 28 and later drops packets for container addresses that do not arrive on the
 * container bridge, in table raw before any FORWARD rule is asked (moby
 * `libnetwork/drivers/bridge`, direct access filtering); flannel writes nothing there.
 */
import { defineHostCheck } from '../define.ts'
import { containsAddress, formatAddress, maskPrefix } from '../model/address.ts'
import { hostFilters } from '../trace/filter/host-filters.ts'
import { forwardJourneys, namedPrefixes } from '../trace/filter/journeys.ts'
import { lossDrafts } from '../trace/filter/loss.ts'
import { verdictAt } from '../trace/filter/verdict.ts'

export const check = defineHostCheck({
  id: 'netfilter/prerouting',
  title: 'Container addresses before routing',
  backends: 'any',
  needs: ['links', 'addresses'],
  needsExpected: true,
  findings: {
    dropped: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'packets from peers for {target} are dropped on {host} before routing, in {world} chain {chain}: {observed}',
      fix: 'If Docker 28 or later wrote the rule: create the network with com.docker.network.bridge.trusted_host_interfaces set to the overlay link, or start dockerd with --allow-direct-routing. Otherwise delete the rule.',
    },
  },
  *evaluate({ host, facts, expected, cluster }) {
    const filters = hostFilters(cluster.snapshot, host)
    const subnet = maskPrefix(expected.lease.subnet)
    const named = namedPrefixes(filters).filter(
      ({ address, length }) => length === 32 && containsAddress(subnet, address),
    )
    const incoming = forwardJourneys({
      facts,
      expected,
      filters,
      host: cluster.snapshot.hosts.get(host),
    }).filter(({ packet }) => containsAddress(subnet, packet.destination))
    const own = new Set(facts.addresses.map(({ prefix }) => prefix?.address))
    const targets = named.map(({ address }) => address).filter((address) => !own.has(address))
    for (const target of [undefined, ...targets]) {
      const judged = incoming.map((journey) => {
        const { outLink: _, ...packet } = journey.packet
        const aimed = target === undefined ? packet : { ...packet, destination: target }
        return { journey, verdict: verdictAt(filters.tables, 'prerouting', { packet: aimed, mark: 0 }) }
      })
      const words = target === undefined ? 'containers' : `container ${formatAddress(target)}`
      for (const loss of lossDrafts(judged, filters, { host, expected })) {
        if ('unsure' in loss) yield loss
        else
          yield { ...loss.draft, code: 'dropped', object: words, data: { ...loss.draft.data, target: words } }
      }
    }
    if (incoming.length > 0) for (const reason of filters.unread) yield { unsure: reason }
  },
})
