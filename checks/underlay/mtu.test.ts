import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './mtu.ts'

function withMtu(backend: 'vxlan' | 'udp', link: string, mtu: number): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 3, backend }), 'h2', ({ links }) => ({
    links: links.map((one) => (one.name === link ? { ...one, mtu } : one)),
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: `one MTU, ${backend}`,
      cluster: () => buildCluster({ hosts: 3, backend }),
    })),
    { name: 'recorded v0.28.9', cluster: () => recordedCluster('v0.28.9-udp') },
  ],
  fails: [
    {
      name: 'differs-between-hosts: jumbo frames on one',
      cluster: () => withMtu('vxlan', 'eth0', 9000),
      findings: ['- differs-between-hosts MTU'],
    },
    {
      name: 'truncates: a larger tun',
      cluster: () => withMtu('udp', 'flannel0', 8972),
      findings: ['- truncates MTU'],
    },
  ],
})
