import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { KUBE_PROXY_RULES, withProxyRules, withServices } from '../../fixtures/build-kube-proxy.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import { rule } from '../../fixtures/walk-edits-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './datastore.ts'

const healthy = () => buildCluster({ hosts: 2, backend: 'vxlan' })

/** flanneld of h2 with other endpoints. */
const told = (endpoints: string, cluster: ClusterSnapshot = healthy()) =>
  withHost(cluster, 'h2', ({ flanneld: { processes, ...rest } }) => ({
    flanneld: {
      ...rest,
      processes: processes.map((one) => ({
        ...one,
        argv: one.argv.map((word) => word.replace(/^-etcd-endpoints=.*/, `-etcd-endpoints=${endpoints}`)),
      })),
    },
  }))

/** A cluster whose API is a service that every host gives to its server. */
function withApi(): ClusterSnapshot {
  const end = { address: '172.20.255.254', port: 6443 }
  const ports = [{ protocol: 'tcp', port: 443, endpoints: [end] }] as const
  const api = { namespace: 'default', name: 'kubernetes', clusterIp: '10.96.0.1', ports }
  const cluster = withServices(buildKubernetes({ hosts: 3, backend: 'vxlan' }), [], [api])
  const lines = KUBE_PROXY_RULES.map((line) =>
    line
      .replaceAll('10.96.0.10/32', '10.96.0.1/32')
      .replace('--dport 80', '--dport 443')
      .replace('10.2.2.2:8080', '172.20.255.254:6443')
      .replace('-s 10.2.2.2/32', '-s 172.20.255.254/32'),
  )
  return ['h1', 'h2', 'h3'].reduce((all, host) => withProxyRules(all, host, lines), cluster)
}

const DROP = '-p tcp --dport 2379 -j DROP'

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'recorded', cluster: () => recordedCluster('v0.10.0-udp') },
    { name: 'recorded k8s-v0.28.9-vxlan', cluster: () => recordedCluster('k8s-v0.28.9-vxlan') },
    {
      name: 'another port is dropped',
      cluster: () => rule('h2', 'OUTPUT', '-p tcp --dport 2380 -j DROP')(healthy()),
    },
    { name: 'the API of the cluster', cluster: withApi },
    {
      name: 'etcd on the host itself',
      cluster: () => rule('h2', 'OUTPUT', DROP)(told('http://127.0.0.1:2379')),
    },
    {
      name: 'another endpoint is reached',
      cluster: () =>
        rule(
          'h2',
          'OUTPUT',
          `-d 172.20.255.254/32 ${DROP}`,
        )(told('http://172.20.255.254:2379,http://172.20.255.253:2379')),
    },
  ],
  fails: [
    {
      name: 'a rule on the host',
      cluster: () => rule('h2', 'OUTPUT', DROP)(healthy()),
      findings: ['h2 lost datastore 172.20.255.254:2379'],
    },
    {
      name: 'etcd on a host of the network that takes nothing',
      cluster: () => rule('h1', 'INPUT', DROP)(told('http://172.20.0.1:2379')),
      findings: ['h2 lost datastore 172.20.0.1:2379'],
    },
    {
      name: 'the API of the cluster',
      cluster: () => rule('h2', 'OUTPUT', '-p tcp --dport 6443 -j REJECT')(withApi()),
      findings: ['h2 lost datastore 10.96.0.1:443'],
    },
  ],
})
