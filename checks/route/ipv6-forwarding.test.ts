import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster, withIpv6Settings } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-forwarding.ts'

const vxlan = ipv6Cluster('vxlan')
const OFF = { 'all.forwarding': '0' }

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => ipv6Cluster('host-gw') },
    {
      name: 'a link that forwards by itself',
      cluster: () => withIpv6Settings(vxlan, { ...OFF, 'docker0.force_forwarding': '1' }),
    },
    {
      name: 'IPv6 is off on a link that carries none of it',
      cluster: () => withIpv6Settings(vxlan, { 'veth1.disable_ipv6': '1' }),
    },
  ],
  fails: [
    {
      name: 'the host forwards none',
      cluster: () => withIpv6Settings(vxlan, OFF),
      findings: ['h1 off sysctl net.ipv6.conf.all.forwarding'],
    },
    {
      name: 'IPv6 is off on the VTEP, whose address went with it',
      cluster: () =>
        withHost(withIpv6Settings(vxlan, { 'flannel-v6.1.disable_ipv6': '1' }), 'h1', ({ addresses }) => ({
          addresses: addresses.filter(({ link }) => link !== 'flannel-v6.1'),
        })),
      findings: ['h1 disabled sysctl net.ipv6.conf.flannel-v6/1.disable_ipv6'],
    },
    {
      name: 'IPv6 is off on the external link',
      cluster: () => withIpv6Settings(vxlan, { 'eth0.disable_ipv6': '1' }),
      findings: ['h1 disabled sysctl net.ipv6.conf.eth0.disable_ipv6'],
    },
    {
      name: 'IPv6 is off on the bridge',
      cluster: () => withIpv6Settings(vxlan, { 'docker0.disable_ipv6': '1' }),
      findings: ['h1 disabled sysctl net.ipv6.conf.docker0.disable_ipv6'],
    },
  ],
})

test('without IPv6 on the bridge nothing is lost yet', (t) => {
  const bare = withHost(withIpv6Settings(vxlan, OFF), 'h1', ({ addresses }) => ({
    addresses: addresses.filter(({ link, family }) => link !== 'docker0' || family !== 'inet6'),
  }))
  const effects = (cluster: typeof vxlan) =>
    judgedBy(check, cluster).flatMap(({ findings }) => findings.map(({ effect }) => effect))
  t.deepEqual(effects(bare), ['risk'])
  t.deepEqual(effects(withIpv6Settings(vxlan, OFF)), ['loss'])
  t.deepEqual(effects(withIpv6Settings(ipv6Cluster('host-gw'), OFF)), ['loss'])
})
