import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster, withMoreIpv6Routes } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { Ipv6Route } from '../model/ipv6-state.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-route.ts'

const vxlan = ipv6Cluster('vxlan')
const hostGw = ipv6Cluster('host-gw')

/** A route of h1 to h2's public address and those beside it. */
function route(edited: Partial<Ipv6Route>): Ipv6Route {
  const usual = { destination: '2001:db8::2/128', type: 'unicast', table: 'main', link: 'eth0', metric: 1024 }
  return { ...usual, text: '2001:db8::2 dev eth0 metric 1024', ...edited }
}

const led = (edited: Partial<Ipv6Route>, cluster = vxlan) => withMoreIpv6Routes(cluster, [route(edited)])

/** h1 without the route that comes with its public address. */
function lost(cluster: ClusterSnapshot): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ ipv6 }) => ({
    ipv6: { ...ipv6, routes: ipv6.routes.filter(({ destination }) => destination !== '2001:db8::/64') },
  }))
}

const ALL = ['h1 missing route 2001:db8::2', 'h1 missing route 2001:db8::3']
const ASTRAY = ['h1 astray route 2001:db8::2']

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => hostGw },
    { name: 'by another link that leads out', cluster: () => led({ link: 'eth9' }) },
    { name: 'a route that takes what the tunnel needs', cluster: () => led({ mtu: 1520 }) },
    { name: 'by a router', cluster: () => led({ destination: '::/0', gateway: 'fe80::1' }, lost(vxlan)) },
  ],
  fails: [
    { name: 'no route', cluster: () => lost(vxlan), findings: ALL },
    { name: 'no route, host-gw', cluster: () => lost(hostGw), findings: ALL },
    { name: 'into the tunnel itself', cluster: () => led({ link: 'flannel-v6.1' }), findings: ASTRAY },
    { name: 'to the containers', cluster: () => led({ link: 'docker0' }), findings: ASTRAY },
    { name: 'nowhere', cluster: () => led({ type: 'blackhole', link: 'lo' }), findings: ASTRAY },
    {
      name: 'a route that takes less than the tunnel needs',
      cluster: () => led({ mtu: 1280 }),
      findings: ['h1 mtu-smaller route 2001:db8::2'],
    },
  ],
})

function told(cluster: ClusterSnapshot): readonly (readonly (string | undefined)[])[] {
  return judgedBy(check, cluster).flatMap(({ findings }) =>
    findings.map(({ effect, fixes }) => [effect, ...fixes.map(({ command }) => command)]),
  )
}

test('the connected route comes back, a foreign one goes, one of the kernel has an address to go with', (t) => {
  const added = 'ip -6 route add 2001:db8::/64 dev eth0 metric 256'
  t.deepEqual(told(lost(vxlan)), [
    ['loss', added],
    ['loss', added],
  ])
  t.deepEqual(told(led({ link: 'docker0' })), [
    ['loss', 'ip -6 route del 2001:db8::2/128 dev docker0 metric 1024'],
  ])
  t.deepEqual(told(led({ link: 'docker0', protocol: 'kernel' })), [['loss']])
})

test('with host-gw the routes to subnets name their link, and go on', (t) => {
  t.deepEqual(new Set(told(lost(hostGw)).map(([effect]) => effect)), new Set(['risk']))
})
