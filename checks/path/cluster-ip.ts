/**
 * The addresses of Kubernetes services. flanneld itself reaches the API by one unless it was told otherwise (client-go
 * `rest/config.go`, `InClusterConfig`), pods their DNS. Nobody has such an address: kube-proxy makes every host give the
 * packets to an endpoint, by iptables, nftables or IPVS (`pkg/proxy`). Software that replaces kube-proxy writes no rules:
 * a host is judged only where a kube-proxy is known to run on it, or where other hosts of the cluster have such rules.
 */
import { defineClusterCheck } from '../define.ts'
import { askedServices } from '../trace/pairs/cluster-ips.ts'
import { askedServiceFindings } from './asked-service.ts'

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
        { code: 'daemon/log:kube-unreachable', when: 'same-host' },
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
    yield* askedServiceFindings(asked, { kubernetes, config, snapshot })
  },
})
