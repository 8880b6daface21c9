import test from 'ava'
import { withDatastore, withHost } from '../../fixtures/build.ts'
import {
  KUBE_PROXY_RULES,
  NODE_PORT_RULES,
  withNodePorts,
  withProxyRules,
} from '../../fixtures/build-kube-proxy.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import { rule } from '../../fixtures/walk-edits-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { IpvsService } from '../model/ipvs.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './node-port.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })
const OTHER = NODE_PORT_RULES.map((line) => line.replaceAll('10.2.2.2', '10.2.3.9'))

/** The service answers only by nodes that have an endpoint, which is h2. */
function localOnly(cluster: ClusterSnapshot): ClusterSnapshot {
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) return cluster
  const services = (kubernetes.value.services ?? []).map((one) => ({
    ...one,
    externalPolicy: 'Local' as const,
  }))
  return withDatastore(cluster, { kubernetes: { ...kubernetes.value, services } })
}

const IPVS_ADDRESS = {
  link: 'kube-ipvs0',
  address: '10.96.0.10',
  family: 'inet',
  length: 32,
  scope: 'global',
} as const

/** h3 balances by IPVS: its node port goes to that address. */
function byIpvs(end: string): ClusterSnapshot {
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const destinations = [{ address: number(end), port: 8080, forward: 'Masq', weight: 1 }]
  const table: IpvsService = {
    protocol: 'tcp',
    address: number('172.20.0.3'),
    port: 30080,
    scheduler: 'rr',
    destinations,
  }
  return withHost(withNodePorts(healthy(), ['h1', 'h2']), 'h3', ({ addresses }) => ({
    addresses: [...addresses, { ...IPVS_ADDRESS, prefix: { address: 0x0a60000a, length: 32 } }],
    ipvs: [table],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'every node gives it to the endpoint', cluster: () => withNodePorts(healthy()) },
    { name: 'recorded k8s-v0.28.9-vxlan', cluster: () => recordedCluster('k8s-v0.28.9-vxlan') },
    { name: 'recorded k8s-v0.28.9-host-gw', cluster: () => recordedCluster('k8s-v0.28.9-host-gw') },
    { name: 'kube-proxy is replaced', cluster: () => withNodePorts(healthy(), []) },
    {
      name: 'only the node of the endpoint answers',
      cluster: () => localOnly(withNodePorts(healthy(), ['h2'])),
    },
    { name: 'IPVS gives it to the endpoint', cluster: () => byIpvs('10.2.2.2') },
    {
      name: 'the endpoint is not reached at all',
      cluster: () => rule('h2', 'FORWARD', '-d 10.2.2.2/32 -j DROP')(withNodePorts(healthy())),
    },
  ],
  fails: [
    {
      name: 'one node has rules of the service but none of its port',
      cluster: () => withProxyRules(withNodePorts(healthy(), ['h1', 'h2']), 'h3', KUBE_PROXY_RULES),
      findings: ['h3 not-translated service default/web'],
    },
    {
      name: 'rules of one node name an endpoint of before',
      cluster: () => withProxyRules(withNodePorts(healthy(), ['h1', 'h2']), 'h3', OTHER),
      findings: ['h3 elsewhere service default/web'],
    },
    {
      name: 'IPVS of one node gives it to an endpoint of before',
      cluster: () => byIpvs('10.2.3.9'),
      findings: ['h3 elsewhere service default/web'],
    },
    {
      name: 'what is forwarded to the endpoint is dropped where its connection was translated',
      cluster: () =>
        rule('h1', 'FORWARD', '-p tcp -m conntrack --ctstate DNAT -j DROP')(withNodePorts(healthy())),
      findings: ['h1 lost service default/web'],
    },
  ],
})
