import test from 'ava'
import { ipv6Cluster, withIpv6Routes } from '../../fixtures/build-ipv6.ts'
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
