import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { buildCanal } from '../../fixtures/build-canal.ts'
import type { Route } from '../model/route.ts'
import { route } from '../model/route-for-tests.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './foreign-network.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })

/** A route of h1, whose subnet is 10.2.1.0/24. */
function withRoute(destination: string, changes: Partial<Route> = {}): ClusterSnapshot {
  const added = route(destination, { type: 'blackhole', protocol: '80', ...changes })
  return withHost(vxlan, 'h1', ({ routes }) => ({ routes: [...routes, added] }))
}

function withLink(name: string, flags: readonly string[] = []): ClusterSnapshot {
  return withHost(vxlan, 'h1', ({ links }) => ({
    links: [...links, { index: 99, name, mtu: 1450, flags, operstate: 'UNKNOWN' }],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    ...recordedCases(),
    { name: 'canal: a route for each pod', cluster: buildCanal },
    {
      name: 'the route of a peer whose lease lies inside the own one',
      cluster: () =>
        withLeases(withRoute('10.2.1.128/25', { type: 'unicast', link: 'flannel.1' }), (leases) =>
          leases.map((lease, index) =>
            index === 1 ? { ...lease, subnet: { address: lease.subnet.address - 128, length: 25 } } : lease,
          ),
        ),
    },
    { name: 'tunl0 that nobody uses', cluster: () => withLink('tunl0', ['NOARP']) },
    { name: 'other links', cluster: () => withLink('calico-docs') },
    { name: 'a blackhole elsewhere', cluster: () => withRoute('10.9.1.64/26') },
    { name: 'in another table', cluster: () => withRoute('10.2.1.64/26', { table: '100' }) },
    {
      name: 'a part for the container bridge itself',
      cluster: () => withRoute('10.2.1.64/26', { type: 'unicast', link: 'docker0' }),
    },
    {
      name: 'a smaller network of Docker inside the lease',
      cluster: () => withRoute('10.2.1.128/25', { type: 'unicast', link: 'br-1', protocol: 'kernel' }),
    },
  ],
  fails: [
    {
      name: 'part-of-own-subnet: a blackhole of Calico',
      cluster: () => withRoute('10.2.1.64/26'),
      findings: ['h1 part-of-own-subnet route 10.2.1.64/26'],
    },
    {
      name: 'part-of-own-subnet: by another link',
      cluster: () => withRoute('10.2.1.7/32', { type: 'unicast', link: 'cali12', protocol: 'boot' }),
      findings: ['h1 part-of-own-subnet route 10.2.1.7/32'],
    },
    ...[
      ['vxlan.calico', 'Calico'],
      ['cilium_host', 'Cilium'],
      ['weave', 'Weave'],
      ['kube-bridge', 'kube-router'],
    ].map(([name = '', owner]) => ({
      name: `links-present: ${name}`,
      cluster: () => withLink(name),
      findings: [`h1 links-present links of ${owner}`],
    })),
    {
      name: 'links-present: tunl0 in use',
      cluster: () => withLink('tunl0', ['UP']),
      findings: ['h1 links-present links of Calico or another user of IP in IP'],
    },
  ],
})
