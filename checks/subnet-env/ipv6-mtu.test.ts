import test from 'ava'
import { buildCluster, withConfig, withHost } from '../../fixtures/build.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-mtu.ts'

/** Two address families on h1; FLANNEL_MTU is 1450. */
function dualStack(mtu: number): ClusterSnapshot {
  const cluster = withConfig(buildCluster({ hosts: 1, backend: 'vxlan' }), { enableIpv6: true })
  return withHost(cluster, 'h1', ({ links }) => ({
    links: [...links, { index: 99, name: 'flannel-v6.1', mtu, flags: ['UP'], operstate: 'UNKNOWN' }],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'IPv4 alone', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'the IPv6 link is large enough', cluster: () => dualStack(1450) },
    {
      name: 'the IPv6 link is not there',
      cluster: () => withConfig(buildCluster({ hosts: 1, backend: 'vxlan' }), { enableIpv6: true }),
    },
  ],
  fails: [
    {
      name: 'larger-than-link',
      cluster: () => dualStack(1430),
      findings: ['h1 larger-than-link FLANNEL_MTU'],
    },
  ],
})
