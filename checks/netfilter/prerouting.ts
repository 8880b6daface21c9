/**
 * flannel's packets for containers come in on the overlay link (or, for host-gw, the external
 * link). Docker 28 and later drops packets for container addresses that do not arrive on the
 * container bridge, in table raw before any FORWARD rule is asked (moby
 * `libnetwork/drivers/bridge`, direct access filtering); flannel writes nothing there.
 */
import { defineHostCheck } from '../define.ts'
import { tableLossDrafts } from '../trace/pairs/table-loss-draft.ts'

export const check = defineHostCheck({
  id: 'netfilter/prerouting',
  title: 'Container addresses before routing',
  backends: 'any',
  needs: ['links', 'addresses'],
  walks: true,
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
  *evaluate({ host, expected, cluster: { snapshot } }) {
    for (const loss of tableLossDrafts({ snapshot, host, expected, table: 'prerouting' })) {
      if ('unsure' in loss) {
        yield loss
        continue
      }
      const target = loss.target === undefined ? 'containers' : `container ${loss.target}`
      yield { ...loss.draft, code: 'dropped', object: target, data: { ...loss.draft.data, target } }
    }
  },
})
