import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { withNetwork } from '../../fixtures/containers-for-tests.ts'
import {
  address,
  both,
  detour,
  FIRST,
  HOST_GW,
  onLink,
  SECOND,
  sysctl,
  underlay,
  unread,
  VXLAN,
} from '../../fixtures/walk-edits-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './route.ts'

const blocked = {
  policies: [
    {
      direction: 'fwd',
      source: '10.2.0.0/16',
      destination: '10.2.2.0/24',
      selectors: [],
      priority: 0,
      isBlock: true,
      isRequired: false,
      text: 'src 10.2.0.0/16 dst 10.2.2.0/24 dir fwd action block priority 0 ptype main',
    },
  ],
  associations: 0,
} as const

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => VXLAN },
    { name: 'host-gw', cluster: () => HOST_GW },
    {
      name: 'a route to nobody of the network',
      cluster: () => detour('h1', 0x0a020299, { type: 'blackhole' })(VXLAN),
    },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'the default route of a container has a time to live of 1',
      cluster: () =>
        withNetwork(VXLAN, 'h1', ({ routes }) => ({
          routes: routes.map((one) => ({ ...one, hopLimit: 1 })),
        })),
      findings: ['h1 ttl-too-small container h1c1: route default via 10.2.1.1 dev eth0'],
    },
    {
      name: 'the kernel of a host was told a time to live of 1',
      cluster: () => sysctl('h1', 'net.ipv4.ip_default_ttl', '1')(VXLAN),
      findings: ['h1 ttl-too-small sysctl net.ipv4.ip_default_ttl = 1'],
    },
    {
      name: 'a blackhole for one container',
      cluster: () => detour('h1', SECOND, { type: 'blackhole' })(VXLAN),
      findings: ['h1 none route blackhole 10.2.2.2/32'],
    },
    {
      name: 'an IPsec policy that blocks',
      cluster: () => withHost(VXLAN, 'h2', () => ({ xfrm: blocked })),
      findings: [
        'h2 ipsec IPsec policy src 10.2.0.0/16 dst 10.2.2.0/24 dir fwd action block priority 0 ptype main',
      ],
    },
    {
      name: 'a route to the default gateway',
      cluster: () => detour('h1', SECOND, { gateway: underlay(0xfffe), link: 'eth0' })(VXLAN),
      findings: ['h1 astray route 10.2.2.2/32 via 172.20.255.254 dev eth0'],
    },
    {
      name: 'the address is local to the sender’s host',
      cluster: () => detour('h1', SECOND, { type: 'local', table: 'local', link: 'lo' })(VXLAN),
      findings: ['h1 captured route local 10.2.2.2/32 dev lo'],
    },
    {
      name: 'strict source validation and another way back',
      cluster: () =>
        both(
          sysctl('h2', 'net.ipv4.conf.flannel.1.rp_filter', '1'),
          detour('h2', FIRST, { gateway: underlay(0xfffe), link: 'eth0' }),
        )(VXLAN),
      findings: [
        'h2 astray route 10.2.1.2/32 via 172.20.255.254 dev eth0',
        'h2 source-refused route 10.2.1.2/32 via 172.20.255.254 dev eth0',
      ],
    },
    {
      name: 'the source is an address of the receiver',
      cluster: () => address('h2', onLink('lo', '10.2.1.2', { address: FIRST, length: 32 }))(VXLAN),
      findings: ['h2 source-refused route 10.2.1.2 dev lo'],
    },
    {
      name: 'the flannel link does not forward',
      cluster: () => sysctl('h2', 'net.ipv4.conf.flannel.1.forwarding', '0')(VXLAN),
      findings: ['h2 forwarding-off sysctl net.ipv4.conf.flannel/1.forwarding = 0'],
    },
    {
      name: 'two hosts send it to each other',
      cluster: () =>
        both(
          detour('h1', SECOND, { gateway: underlay(3), link: 'eth0' }),
          detour('h3', SECOND, { gateway: underlay(1), link: 'eth0' }),
        )(HOST_GW),
      findings: ['h1 loop route to h2', 'h3 loop route to h2'],
    },
  ],
})

test('a host without routes leaves it open', (t) => {
  const cluster = unread('h1', 'routes')(VXLAN)
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.outcome, 'inconclusive')
})
