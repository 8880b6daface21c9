import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import { formatAddress } from '../model/address.ts'
import type { Link } from '../model/link.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './own-subnet.ts'

const SUBNET = { address: 0x0a020100, length: 24 }
const GATEWAY = { address: 0x0a020101, length: 24 }
const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const CNI0: Link = { index: 9, name: 'cni0', kind: 'bridge', mtu: 1450, flags: ['UP'], operstate: 'DOWN' }
const viaCni0: Route = {
  destination: SUBNET,
  type: 'unicast',
  table: 'main',
  link: 'cni0',
  protocol: 'kernel',
  scope: 'link',
  source: GATEWAY.address,
  metric: 0,
  flags: ['linkdown'],
}

/** cni0 with the address of docker0 on h1; its route comes first or last. */
function withCni0(cluster: ClusterSnapshot, place: 'first' | 'last'): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ links, addresses, routes }) => ({
    links: [...links, CNI0],
    addresses: [
      ...addresses,
      {
        link: 'cni0',
        family: 'inet',
        address: formatAddress(GATEWAY.address),
        length: 24,
        prefix: GATEWAY,
        scope: 'global',
      },
    ],
    routes: place === 'first' ? [viaCni0, ...routes] : [...routes, viaCni0],
  }))
}

function withoutBridgeRoute(cluster: ClusterSnapshot): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ routes }) => ({
    routes: routes.filter(({ link, table }) => link !== 'docker0' || table !== 'main'),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    {
      name: 'vxlan of v0.6.2',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.6.2' }),
    },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    {
      name: 'no container bridge at all',
      cluster: () =>
        withHost(withoutBridgeRoute(vxlan), 'h1', ({ links, addresses }) => ({
          links: links.filter(({ name }) => name !== 'docker0'),
          addresses: addresses.filter(({ link }) => link !== 'docker0'),
        })),
    },
    {
      name: 'the bridge is down, which has a finding of its own',
      cluster: () =>
        withHost(withoutBridgeRoute(vxlan), 'h1', ({ links }) => ({
          links: links.map((link) => (link.name === 'docker0' ? { ...link, flags: [] } : link)),
        })),
    },
    {
      name: 'a second Docker network with a subnet of its own',
      cluster: () =>
        withHost(vxlan, 'h1', ({ routes }) => ({
          routes: [
            ...routes,
            { ...viaCni0, link: 'br-0123456789ab', destination: { address: 0xac120000, length: 16 } },
          ],
        })),
    },
    {
      name: 'flanneld keeps a blackhole behind the bridge',
      cluster: () =>
        withHost(vxlan, 'h1', ({ routes }) => {
          const { link: _, ...blackhole } = viaCni0
          return { routes: [...routes, { ...blackhole, type: 'blackhole' }] }
        }),
    },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'ambiguous: cni0 beside docker0',
      cluster: () => withCni0(vxlan, 'first'),
      findings: ['h1 ambiguous route 10.2.1.0/24'],
    },
    {
      name: 'cni0 after docker0',
      cluster: () => withCni0(vxlan, 'last'),
      findings: ['h1 ambiguous route 10.2.1.0/24'],
    },
    {
      name: 'cni0 beside docker0 with udp',
      cluster: () => withCni0(buildCluster({ hosts: 2, backend: 'udp' }), 'first'),
      findings: ['h1 ambiguous route 10.2.1.0/24'],
    },
    {
      name: 'the route of a former owner left behind',
      cluster: () =>
        withHost(vxlan, 'h1', ({ routes }) => ({
          routes: [{ ...viaCni0, link: 'flannel.1', gateway: SUBNET.address, flags: ['onlink'] }, ...routes],
        })),
      findings: ['h1 ambiguous route 10.2.1.0/24'],
    },
    {
      name: 'missing: somebody deleted the bridge route',
      cluster: () => withoutBridgeRoute(vxlan),
      findings: ['h1 missing route 10.2.1.0/24'],
    },
  ],
})

for (const [place, winner, loser, fix] of [
  ['first', 'cni0', 'docker0', '`ip link del cni0`'],
  // Its containers would lose their network.
  ['last', 'docker0', 'cni0', 'Containers hang on docker0, so it stays'],
] as const) {
  test(`with cni0 ${place} the kernel uses ${winner}, and the message says so`, (t) => {
    const [finding] = evaluate(withCni0(vxlan, place), [check], 0).flatMap(({ findings }) => findings)
    t.true(finding?.message.includes(`the kernel uses ${winner}: containers on ${loser} get no packets`))
    t.true(finding?.fix.includes(fix))
    t.is(finding?.fixes.length, place === 'first' ? 1 : 0)
  })
}
