/** How a complaint that keeps flanneld from coming up is told, and those about the Kubernetes API. */
import type { Explains, FindingKind } from '../check.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { present } from '../model/present.ts'

/** What is not there where flanneld does not come up. */
export const NOT_UP: readonly Explains[] = [
  'daemon/process:not-running',
  'lease/own:*',
  'lease/peer:*',
  'lease/host:orphan',
  'lease/time-to-live:*',
  'subnet-env/*',
  'link/flannel:missing',
  'tunnel/socket:not-listening',
  'route/network:missing',
  'route/peer-subnet:*',
  'route/stale-subnet:stale',
  'neighbour/peer-vtep:*',
  'fdb/peer-vtep:*',
  'netfilter/masquerade:*',
  'netfilter/flannel-forward-rules:missing',
  'bridge/docker-options:*',
].map((code) => ({ code, when: 'same-host' }))

/** A finding about a flanneld that does not come up. */
export function stops(says: string, fix: string, heal?: readonly HealStep[]): FindingKind {
  return {
    severity: 'warning',
    confidence: 'certain',
    says: `flanneld on {host} ${says}: "{line}"`,
    fix,
    ...present({ heal }),
    explains: NOT_UP,
  }
}

/** What is told of a flanneld -kube-subnet-mgr. */
export const KUBE_LOG_FINDINGS = {
  'kube-refused': stops(
    'is refused by the Kubernetes API',
    "Apply the ClusterRole and its binding of flannel's manifest again (get pods; get, list and watch nodes; patch nodes/status), for the account that the pod has; then restart the flannel pod.",
    [RESTART_FLANNELD],
  ),
  'kube-unreachable': stops(
    'does not reach the Kubernetes API',
    'From {host} ask the address in that line (`curl -k`): whether kube-proxy gives the address of the service to the API server, a firewall on the way, the server itself and its certificate.',
  ),
  'pod-cidr-refused': stops(
    'cannot use the podCIDR of its node and ends',
    'Let the controller manager assign podCIDRs out of Network (--allocate-node-cidrs, --cluster-cidr), or make Network in net-conf.json what it assigns from; then restart the flannel pod.',
  ),
  'net-conf-unusable': stops(
    'cannot use its net-conf.json and ends',
    'Correct net-conf.json in the ConfigMap of flannel, which must be mounted at the path of --net-config-path (/etc/kube-flannel/net-conf.json); then restart the flannel pod.',
  ),
  'kube-not-configured': stops(
    'is told to ask Kubernetes and knows no way to its API',
    'Where the leases are in etcd start it without -kube-subnet-mgr; where they are in Kubernetes give it -kubeconfig-file, or run it in a pod that has an account, POD_NAME and POD_NAMESPACE.',
  ),
} as const
