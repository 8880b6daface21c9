import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { builtNetwork, withContainer } from '../../fixtures/containers-for-tests.ts'
import { ipv6RoutesFrom } from '../../runners/collect/facts/ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { ContainerNetwork } from '../model/container-bridge.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-gateway.ts'

const vxlan = ipv6Cluster('vxlan')
const BY_BRIDGE = 'default via fd00:5:0:1::1 dev eth0 metric 1024'
const sending = (line = BY_BRIDGE) => withIpv6({ ipv6Routes: ipv6RoutesFrom([line]) })

/** h1 with an IPv6 address inside its container and these IPv6 routes, if they were read. */
function withIpv6(inside: Pick<ContainerNetwork, 'ipv6Routes'>): ClusterSnapshot {
  return withContainer(vxlan, (container) => {
    const own = {
      link: 'eth0',
      family: 'inet6',
      scope: 'global',
      length: 64,
      address: 'fd00:5:0:1::2',
    } as const
    const network = { ...builtNetwork(container), ...inside }
    return [{ ...container, addresses: [...container.addresses, own], network }]
  })
}

/** h1 without its IPv6 address on docker0 and the route that comes with it. */
function unaddressed(cluster: ClusterSnapshot): ClusterSnapshot {
  return withHost(withoutRoute(cluster), 'h1', ({ addresses }) => ({
    addresses: addresses.filter(({ link, family }) => link !== 'docker0' || family === 'inet'),
  }))
}

function withoutRoute(cluster: ClusterSnapshot): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ ipv6 }) => ({
    ipv6: { ...ipv6, routes: ipv6.routes.filter(({ link }) => link !== 'docker0') },
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'no container has IPv6', cluster: () => unaddressed(vxlan) },
    { name: 'by the bridge', cluster: () => sending() },
    {
      name: 'by the address of a link',
      cluster: () => sending('default via fe80::1 dev eth0 metric 1024'),
    },
    {
      name: 'a route to the network alone',
      cluster: () => sending('fd00:5::/48 via fd00:5:0:1::1 dev eth0'),
    },
    { name: 'recorded before it was read', cluster: () => withIpv6({}) },
  ],
  fails: [
    {
      name: 'the bridge has lost its address',
      cluster: () => unaddressed(sending()),
      findings: ['h1 unrouted link docker0'],
    },
    {
      name: 'the route is gone alone',
      cluster: () => withoutRoute(sending()),
      findings: ['h1 unrouted link docker0'],
    },
    {
      name: 'no route',
      cluster: () => sending('fd00:5:0:1::/64 dev eth0 proto kernel metric 256'),
      findings: ['h1 missing container h1c1'],
    },
    {
      name: 'a route that refuses',
      cluster: () => sending('unreachable default dev lo metric 1024'),
      findings: ['h1 missing container h1c1'],
    },
    {
      name: 'a gateway that nobody is',
      cluster: () => sending('default via fd00:5:0:1::9 dev eth0'),
      findings: ['h1 wrong container h1c1'],
    },
  ],
})

test('what brings the route back: the address, or where it is there the route', (t) => {
  const commands = (cluster: ClusterSnapshot) =>
    judgedBy(check, cluster).flatMap(({ findings }) =>
      findings.flatMap(({ fixes }) => fixes.map(({ command }) => command)),
    )
  t.deepEqual(commands(unaddressed(sending())), ['ip -6 addr add fd00:5:0:1::1/64 dev docker0'])
  t.deepEqual(commands(withoutRoute(sending())), ['ip -6 route replace fd00:5:0:1::/64 dev docker0'])
})
