/**
 * The addresses of Kubernetes services. flanneld itself reaches the API by one unless it was told otherwise (client-go
 * `rest/config.go`, `InClusterConfig`), pods their DNS. Nobody has such an address: kube-proxy makes every host give the
 * packets to an endpoint, by iptables, nftables or IPVS (`pkg/proxy`). Software that replaces kube-proxy writes no rules:
 * a host is judged only where a kube-proxy is known to run on it, or where other hosts of the cluster have such rules.
 */
import type { Draft } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import type { KubernetesStatus } from '../model/node.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { type AskedService, askedServices } from '../trace/pairs/cluster-ips.ts'
import { removalFixes, rulePlace } from '../trace/pairs/rule-removal.ts'

type Code = 'not-translated' | 'elsewhere' | 'lost'

/** Hosts on which a kube-proxy should write rules. */
function proxied(
  asked: readonly AskedService[],
  { pods = [] }: KubernetesStatus,
  snapshot: ClusterSnapshot,
): (host: string) => boolean {
  if (asked.some(({ way }) => way.kind === 'given' || way.kind === 'ipvs')) return () => true
  const { hostByNode } = clusterIdentity(snapshot)
  const nodes = pods.flatMap(({ name, node }) => (/^kube-proxy(-|$)/.test(name) && node ? [node] : []))
  const hosts = new Set(nodes.flatMap((node) => hostByNode.get(node) ?? []))
  return (host) => hosts.has(host)
}

function draftOf({ host, service, port, way }: AskedService, network: string): Omit<Draft<Code>, 'code'> {
  const name = `${service.namespace}/${service.name}`
  const address = `${service.clusterIp}:${port.port}`
  const common = {
    host,
    object: named('service', name),
    expected: `${address} given to ${port.endpoints[0]?.address}`,
  }
  if (!('hop' in way))
    return { ...common, observed: 'no rule', data: { host, service: name, address, why: '' } }
  const { rule, why = '', used } = way.hop
  return {
    ...common,
    observed: rule?.by ?? why,
    data: { host, service: name, address, why },
    ...(rule && { fixes: removalFixes(rule, rulePlace(way.hop, network)), evidence: used }),
  }
}

const RESTART =
  'See whether kube-proxy runs on {host} and what it logs, and restart it: it writes all its rules anew.'

export const check = defineClusterCheck({
  id: 'path/cluster-ip',
  title: 'Services of Kubernetes from every host',
  backends: 'any',
  needs: ['config', 'kubernetes'],
  findings: {
    'not-translated': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} does not give {address}, the address of service {service}, to an endpoint: its pods, and a flanneld that starts there, do not reach it',
      fix: RESTART,
      explains: [
        { code: 'daemon/process:not-running', when: 'same-host' },
        { code: 'node/annotations:missing', when: 'same-host' },
      ],
    },
    elsewhere: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'likely',
      says: '{host} does not give {address}, the address of service {service}, to the endpoints that it has: {why}',
      fix: RESTART,
    },
    lost: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'pods of {host} reach the endpoints of service {service} but not its address {address}: {why}',
      fix: 'Take away what the message names. Where an answer passes no connection tracking, load br_netfilter on {host} and set net.bridge.bridge-nf-call-iptables to 1.',
    },
  },
  *evaluate({ facts: { kubernetes, config }, cluster: { snapshot } }) {
    const asked = askedServices(snapshot, kubernetes, config.network)
    const isProxied = proxied(asked, kubernetes, snapshot)
    const network = formatPrefix(maskPrefix(config.network))
    for (const one of asked) {
      const { host, way, service } = one
      if (way.kind === 'given' || way.kind === 'ipvs' || !isProxied(host)) continue
      if (way.kind === 'open')
        yield { unsure: `what ${host} does with ${service.clusterIp} is undecided: ${way.hop.why}` }
      else yield { code: way.kind, ...draftOf(one, network) }
    }
  },
})
