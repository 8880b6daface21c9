import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { KUBE_PROXY_RULES, WEB, withProxyRules, withServices } from '../../fixtures/build-kube-proxy.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import { containerAddress, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import { rule, sysctl } from '../../fixtures/walk-edits-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './cluster-ip.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })
const OTHER = KUBE_PROXY_RULES.map((line) => line.replaceAll('10.2.2.2', '10.2.3.9'))

/** Another pod on h1 answers for the service, and no bridge asks iptables. */
function answeredBeside() {
  const port = { protocol: 'tcp', port: 80, endpoints: [{ address: '10.2.1.9', port: 8080 }] } as const
  const two = withSecondContainer(healthy(), {
    addresses: [containerAddress('10.2.1.9', { address: 0x0a020109, length: 24 })],
  })
  const lines = KUBE_PROXY_RULES.map((line) => line.replaceAll('10.2.2.2', '10.2.1.9'))
  const cluster = withServices(two, [], [{ ...WEB, ports: [port] }])
  return ['h1', 'h2', 'h3'].reduce((all, host) => withProxyRules(all, host, lines), cluster)
}

const IPVS = {
  link: 'kube-ipvs0',
  address: '10.96.0.10',
  family: 'inet',
  length: 32,
  scope: 'global',
} as const

/** h3 balances by IPVS, which gives the service to that address. */
const balanced = (address: number, weight = 1) =>
  withHost(withServices(healthy(), ['h1', 'h2']), 'h3', ({ addresses }) => ({
    addresses: [...addresses, { ...IPVS, prefix: { address: 0x0a60000a, length: 32 } }],
    ipvs: [
      {
        protocol: 'tcp',
        address: 0x0a60000a,
        port: 80,
        scheduler: 'rr',
        destinations: [{ address, port: 8080, forward: 'Masq', weight }],
      },
    ],
  }))

testCheck(test, check, {
  passes: [
    { name: 'every host gives it to the endpoint', cluster: () => withServices(healthy()) },
    { name: 'host-gw', cluster: () => withServices(buildKubernetes({ hosts: 3, backend: 'host-gw' })) },
    { name: 'recorded k8s-v0.28.9-vxlan', cluster: () => recordedCluster('k8s-v0.28.9-vxlan') },
    { name: 'recorded k8s-v0.28.9-host-gw', cluster: () => recordedCluster('k8s-v0.28.9-host-gw') },
    {
      name: 'no host has rules, and no kube-proxy is known: it is replaced',
      cluster: () => withServices(healthy(), []),
    },
    {
      name: 'IPVS gives it to the endpoint',
      cluster: () => balanced(0x0a020202),
    },
    {
      name: 'pings and connections to the endpoint are lost as well',
      cluster: () => rule('h2', 'FORWARD', '-d 10.2.2.2/32 -j DROP')(withServices(healthy())),
    },
  ],
  fails: [
    {
      name: 'one host has no rule',
      cluster: () => withServices(healthy(), ['h1', 'h2']),
      findings: ['h3 not-translated service default/web'],
    },
    {
      name: 'rules of one host name an endpoint of before',
      cluster: () => withProxyRules(withServices(healthy(), ['h1', 'h2']), 'h3', OTHER),
      findings: ['h3 elsewhere service default/web'],
    },
    {
      name: 'IPVS gives it to an endpoint of before',
      cluster: () => balanced(0x0a020309),
      findings: ['h3 elsewhere service default/web'],
    },
    {
      name: 'IPVS gives it to nobody any more',
      cluster: () => balanced(0x0a020202, 0),
      findings: ['h3 elsewhere service default/web'],
    },
    {
      name: 'what is forwarded to the endpoint is dropped where its connection was translated',
      cluster: () =>
        rule('h1', 'FORWARD', '-p tcp -m conntrack --ctstate DNAT -j DROP')(withServices(healthy())),
      findings: ['h1 lost service default/web'],
    },
    {
      name: 'between pods of one node the answer passes no connection tracking',
      cluster: () => sysctl('h1', 'net.bridge.bridge-nf-call-iptables', '0')(answeredBeside()),
      findings: ['h1 lost service default/web'],
    },
  ],
})
