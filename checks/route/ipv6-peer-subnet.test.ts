import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster, withIpv6Routes } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { Ipv6Route } from '../model/ipv6-state.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-peer-subnet.ts'

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => ipv6Cluster('vxlan') },
    { name: 'host-gw', cluster: () => ipv6Cluster('host-gw') },
    {
      name: 'DirectRouting by the public address',
      cluster: () =>
        withIpv6Routes(ipv6Cluster('vxlan', { directRouting: true }), (route) =>
          route.destination === 'fd00:5:0:2::/64'
            ? { ...route, gateway: '2001:db8::2', link: 'eth0' }
            : route,
        ),
    },
  ],
  fails: [
    {
      name: 'a route is gone',
      cluster: () =>
        withIpv6Routes(ipv6Cluster('vxlan'), (route) =>
          route.destination === 'fd00:5:0:2::/64' ? undefined : route,
        ),
      findings: ['h1 missing route fd00:5:0:2::/64'],
    },
    {
      name: 'a route of another metric refuses it',
      cluster: () =>
        withIpv6Routes(ipv6Cluster('vxlan'), (route) =>
          route.destination === 'fd00:5:0:2::/64'
            ? { ...route, type: 'unreachable', link: 'lo', metric: 512, text: 'unreachable' }
            : route,
        ),
      findings: ['h1 elsewhere route fd00:5:0:2::/64'],
    },
    {
      name: 'host-gw by a wrong gateway',
      cluster: () =>
        withIpv6Routes(ipv6Cluster('host-gw'), (route) =>
          route.destination === 'fd00:5:0:2::/64' ? { ...route, gateway: '2001:db8::9' } : route,
        ),
      findings: ['h1 elsewhere route fd00:5:0:2::/64'],
    },
    {
      name: 'all are gone',
      cluster: () => withIpv6Routes(ipv6Cluster('vxlan'), () => undefined),
      findings: [
        'h1 none IPv6 routes',
        'h1 missing route fd00:5:0:2::/64',
        'h1 missing route fd00:5:0:3::/64',
      ],
    },
  ],
})

/** What is printed where h2 is reached by these routes, flannel's among them where it stays. */
function commands(own: Partial<Ipv6Route>, isKept: boolean): readonly (string | undefined)[] {
  const refusing = { type: 'unreachable', link: 'lo', metric: 512, text: 'unreachable', ...own }
  const cluster = withHost(ipv6Cluster('vxlan'), 'h1', ({ ipv6 }) => ({
    ipv6: {
      ...ipv6,
      routes: ipv6.routes.flatMap((route) => {
        if (route.destination !== 'fd00:5:0:2::/64') return [route]
        const { gateway: _, ...bare } = route
        return [...(isKept ? [route] : []), { ...bare, ...refusing }]
      }),
    },
  }))
  return judgedBy(check, cluster).flatMap(({ findings }) =>
    findings.flatMap(({ fixes }) => fixes.map(({ command }) => command)),
  )
}

const REPLACE = 'ip -6 route replace fd00:5:0:2::/64 via fd00:5:0:2:: dev flannel-v6.1 onlink'
const DELETE = 'ip -6 route del unreachable fd00:5:0:2::/64 dev lo metric 512'

test('what stands before the route of flannel is removed, what is in its place replaced', (t) => {
  t.deepEqual(commands({}, true), [DELETE])
  t.deepEqual(commands({}, false), [DELETE, REPLACE])
  t.deepEqual(commands({ metric: 1024 }, false), [REPLACE])
  t.deepEqual(commands({ protocol: 'kernel' }, true), [])
})
