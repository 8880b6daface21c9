// flanneld publishes the address of the interface it chose, or what public-ip-overwrite says, as public-ip when it starts
// (`pkg/subnet/kube/kube.go`, `AcquireLease`; the overwrite since v0.10.0). A changed overwrite acts only after a restart,
// and one that was left behind sends peers to an address that is nobody's. With several interfaces public-ip need not be
// the InternalIP: that is the operator's choice (-iface) as often as it is a mistake. node-public-ip (v0.25.3 and later) says by
// which of its addresses flanneld finds the interface (`GetStoredPublicIP`, `main.go`): it ends where no interface has it.
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { formatAddress, parseAddress } from '../model/address.ts'
import { named } from '../model/named.ts'
import type { KubernetesNode } from '../model/node.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'

/** The same address as text, however it is written; undefined for what is none. */
function address(text: string | undefined): string | undefined {
  const parsed = parseAddress(text ?? '')
  return parsed === undefined ? undefined : formatAddress(parsed)
}

function isOwn({ internalIps, externalIps }: KubernetesNode, ip: string): boolean {
  return [...internalIps, ...externalIps].some((one) => address(one) === ip)
}

/** False where the addresses of the host are not known. */
function isOnNoLink(ip: string, host: HostSnapshot | undefined): boolean {
  const fact = host?.facts.addresses
  return fact?.known === true && !fact.value.some((one) => one.address === ip)
}

export const check = defineClusterCheck({
  id: 'node/public-ip',
  title: 'Published address of each node',
  backends: 'any',
  needs: ['kubernetes'],
  findings: {
    'overwrite-not-taken': {
      severity: 'warning',
      confidence: 'certain',
      says: 'node {node} publishes {observed}, but its annotation public-ip-overwrite says {expected}: flanneld has not been restarted since',
      fix: 'Restart the flannel pod of node {node}, or remove the annotation public-ip-overwrite.',
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'lease/public-ip:*', when: 'same-host' },
        { code: 'lease/own:*', when: 'same-host' },
      ],
    },
    'told-address-missing': {
      severity: 'warning',
      confidence: 'certain',
      says: 'node {node} has the annotation node-public-ip {observed}, which no link of {host} has: flanneld since v0.25.3 does not start there again',
      fix: 'Correct the annotation node-public-ip of node {node}, or remove it.',
      explains: [{ code: 'daemon/log:interface-not-found', when: 'same-host' }],
    },
    'overwrite-foreign': {
      severity: 'info',
      confidence: 'possible',
      says: 'node {node} publishes {observed} by its annotation public-ip-overwrite, which is none of its addresses: right behind NAT, wrong when it was left behind',
      fix: 'Nothing where the node is reached by that address; otherwise remove the annotation and restart the flannel pod of node {node}.',
    },
    'other-interface': {
      severity: 'info',
      confidence: 'possible',
      says: 'node {node} publishes {observed}, not its InternalIP {expected}: flanneld uses another interface than Kubernetes does',
      fix: 'Nothing where -iface or -public-ip says so on purpose; otherwise give flanneld --iface with the interface of {expected}.',
    },
  },
  *evaluate({ facts: { kubernetes }, cluster: { snapshot } }) {
    const { hostByNode } = clusterIdentity(snapshot)
    for (const node of kubernetes.nodes) {
      yield* toldAddress(node, snapshot)
      const { name, annotations, internalIps } = node
      const published = address(annotations.publicIp)
      if (published === undefined || annotations.managed !== 'true') continue
      const overwrite = address(annotations.publicIpOverwrite)
      const place = {
        host: hostByNode.get(name) ?? name,
        object: named('node', name),
        observed: published,
        data: { node: name },
      }
      if (overwrite !== undefined && overwrite !== published) {
        yield { code: 'overwrite-not-taken', ...place, expected: overwrite }
      } else if (internalIps.length > 0 && !isOwn(node, published)) {
        const code = overwrite === undefined ? 'other-interface' : 'overwrite-foreign'
        yield { code, ...place, expected: internalIps.join(', ') }
      }
    }
  },
})

/** The address by which flanneld is to find its link, where no link has it. */
function* toldAddress({ name, annotations }: KubernetesNode, snapshot: ClusterSnapshot) {
  const told = address(annotations.nodePublicIp)
  const host = clusterIdentity(snapshot).hostByNode.get(name)
  if (told === undefined || host === undefined || !isOnNoLink(told, snapshot.hosts.get(host))) return
  const data = { node: name }
  yield { code: 'told-address-missing', host, object: named('node', name), observed: told, data } as const
}
