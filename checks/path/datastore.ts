// flanneld keeps its lease alive and hears of others through one connection to etcd (`pkg/subnet/etcd/registry.go`) or to the
// API of Kubernetes (`pkg/subnet/kube/kube.go`). A host whose own rules or routes stop it goes on with what it wrote: nothing
// is lost until a lease changes or its own runs out. An open connection may still be let through; the next is not.
import { defineHostCheck } from '../define.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { removalFixes, rulePlace } from '../trace/pairs/rule-removal.ts'
import { askedStores } from '../trace/pairs/store-ways.ts'
import type { Hop } from '../trace/trace.ts'

function about(address: string, { why = '' }: Hop) {
  return { code: 'lost', object: `datastore ${address}`, data: { address, why } } as const
}

/** What takes the packet, and how it is taken out; before a policy nobody knows what else is to be let out. */
function lostAt(hop: Hop, network: string) {
  const { rule, why = '', used } = hop
  return {
    expected: 'it gets out of the host and is answered',
    observed: rule?.by ?? why,
    evidence: used,
    ...(rule && !rule.byPolicy && { fixes: removalFixes(rule, rulePlace(hop, network)) }),
  }
}

export const check = defineHostCheck({
  id: 'path/datastore',
  title: 'Way of flanneld to its datastore',
  backends: 'any',
  needs: ['config', 'leases', 'flanneld'],
  needsExpected: false,
  findings: {
    lost: {
      severity: 'critical',
      effect: 'risk',
      unseenByPings: true,
      confidence: 'certain',
      says: 'flanneld on {host} cannot open a connection to {address}, where its lease is kept: {why}; what it wrote stays, and no change of a lease reaches it',
      fix: 'Take away what the message names on {host}, or let flanneld out to {address}.',
      explains: [
        { code: 'daemon/log:etcd-unreachable', when: 'same-host' },
        { code: 'daemon/log:kube-unreachable', when: 'same-host' },
        { code: 'daemon/log:lease-lost', when: 'same-host' },
        { code: 'daemon/process:not-running', when: 'same-host' },
        { code: 'lease/own:missing', when: 'same-host' },
        { code: 'lease/time-to-live:*', when: 'same-host' },
        { code: 'lease/peer:unprogrammed', when: 'same-host' },
      ],
    },
  },
  *evaluate({ host, facts: { config }, cluster: { snapshot } }) {
    const asked = askedStores(snapshot, host)
    const [first] = asked
    // flanneld goes on to its next endpoint.
    if (first?.hop === undefined || asked.some(({ hop }) => hop === undefined)) return
    const { address, hop } = first
    yield { ...lostAt(hop, formatPrefix(maskPrefix(config.network))), ...about(address, hop) }
  },
})
