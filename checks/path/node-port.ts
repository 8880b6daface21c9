/**
 * Ports of nodes by which services are reached from outside (NodePort, LoadBalancer): kube-proxy of the node gives what comes
 * to its own address and that port to an endpoint, mostly of another node, so that it goes on through flannel; with
 * externalTrafficPolicy Local only to one of its own (`pkg/proxy`).
 */
import { defineClusterCheck } from '../define.ts'
import { askedNodePorts } from '../trace/pairs/cluster-ips.ts'
import { askedServiceFindings } from './asked-service.ts'

const RESTART =
  'See whether kube-proxy runs on {host} and what it logs, and restart it: it writes all its rules anew. With --nodeport-addresses it serves other addresses only.'

export const check = defineClusterCheck({
  id: 'path/node-port',
  title: 'Services of Kubernetes by the ports of every node',
  backends: 'any',
  needs: ['config', 'kubernetes'],
  findings: {
    'not-translated': {
      severity: 'warning',
      unseenByPings: true,
      confidence: 'likely',
      says: '{host} does not give {address}, the port of its node for service {service}, to an endpoint: whoever asks this node is refused',
      fix: RESTART,
    },
    elsewhere: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'likely',
      says: '{host} does not give {address}, the port of its node for service {service}, to the endpoints that it has: {why}',
      fix: RESTART,
    },
    lost: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'the endpoints of service {service} are reached, but not by {address}, the port of node {host}: {why}',
      fix: 'Take away what the message names.',
    },
  },
  *evaluate({ facts: { kubernetes, config }, cluster: { snapshot } }) {
    const asked = askedNodePorts(snapshot, kubernetes, config.network)
    yield* askedServiceFindings(asked, { kubernetes, config, snapshot })
  },
})
