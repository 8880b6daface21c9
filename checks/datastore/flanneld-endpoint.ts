// flanneld keeps its lease in the etcd that `-etcd-endpoints` names (`main.go`). Guides that start an etcd on
// every host and leave the default endpoint give each host a network of its own: same configuration, but each
// lease table has one entry and no host learns of another.
import { defineHostCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { endpointPlace, isLoopbackName, placeText } from '../expected/etcd-endpoint.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { RESTART_DOCKER } from '../heal/steps.ts'
import { formatPrefix, maskPrefix, parseAddress } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'

/** True when the endpoint that was judged may be the one on this host. */
function isHere(judged: string, addresses: readonly LinkAddress[]): boolean {
  const { name } = endpointPlace(judged)
  return (
    isLoopbackName(name) ||
    parseAddress(name) === undefined ||
    addresses.some(({ address }) => address === name)
  )
}

export const check = defineHostCheck({
  id: 'datastore/flanneld-endpoint',
  title: 'etcd endpoints of the running flanneld',
  backends: 'any',
  needs: ['etcd', 'config', 'leases', 'flanneld', 'links', 'addresses', 'subnetEnv'],
  needsExpected: false,
  findings: {
    'other-endpoint': {
      severity: 'info',
      confidence: 'possible',
      says: 'flanneld on {host} uses etcd {observed}, judged here is {expected}, which has no lease for its subnet {subnet}: these may be two different etcds',
      fix: 'Compare `etcdctl member list` on both; give every flanneld the endpoints of one cluster.',
    },
    'own-etcd': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'flanneld on {host} uses etcd {observed} and has a subnet ({subnet}) of which the etcd judged here ({expected}) knows nothing: it lives in a network of its own',
      fix: 'Give flanneld on {host} the endpoints of the common etcd cluster (-etcd-endpoints={expected}), restart it and then Docker.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-etcd-endpoints={expected}'] }, RESTART_DOCKER],
      explains: [
        { code: 'lease/own:missing', when: 'same-host' },
        { code: 'daemon/log:config-missing', when: 'same-host' },
        { code: 'daemon/log:etcd-unreachable', when: 'same-host' },
        { code: 'lease/own:taken', when: 'same-host' },
        { code: 'lease/peer:*', when: 'same-host' },
        { code: 'subnet-env/network:differs-from-config', when: 'same-host' },
        { code: 'route/stale-subnet:stale', when: 'same-host' },
      ],
    },
  },
  *evaluate({ host, facts, cluster: { snapshot } }) {
    const { etcd, flanneld, subnetEnv } = facts
    const identity = clusterIdentity(snapshot).byHost.get(host)
    const isUnknownHere = identity !== undefined && 'cause' in identity && identity.cause === 'no-lease'
    const process = flanneldFor(flanneld, etcd.prefix)
    if (!isUnknownHere || process === undefined || subnetEnv.subnet === undefined) return
    const { etcdEndpoints, kubeSubnetMgr } = flanneldOptions(process)
    const judged = new Set(etcd.endpoints.map(({ url }) => placeText(url)))
    if (kubeSubnetMgr || etcdEndpoints.some((url) => judged.has(placeText(url)))) return
    const observed = etcdEndpoints.join(', ')
    const expected = etcd.endpoints.map(({ url }) => url).join(',')

    const data = { subnet: formatPrefix(maskPrefix(subnetEnv.subnet)) }
    const isOwn =
      etcdEndpoints.every((url) => isLoopbackName(endpointPlace(url).name)) &&
      ![...judged].some((url) => isHere(url, facts.addresses))
    yield {
      code: isOwn ? 'own-etcd' : 'other-endpoint',
      object: '-etcd-endpoints',
      shownBy: 'flanneld',
      expected,
      observed,
      data,
    }
  },
})
