import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster, withMoreIpv6Routes } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { Ipv6Route } from '../model/ipv6-state.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-shadowed.ts'

const vxlan = ipv6Cluster('vxlan')
const PART: Ipv6Route = {
  destination: 'fd00:5:0:2::/80',
  type: 'blackhole',
  table: 'main',
  link: 'lo',
  metric: 1024,
  text: 'blackhole fd00:5:0:2::/80 dev lo metric 1024 error -22 pref medium',
}
const SHADOWED = ['h1 shadowed route fd00:5:0:2::/64']

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => ipv6Cluster('host-gw') },
    {
      name: 'routes to the own subnet, to networks of others and to groups',
      cluster: () =>
        withMoreIpv6Routes(vxlan, [
          { ...PART, destination: 'fd00:5:0:1::/80' },
          { ...PART, destination: 'fd00:7::/64' },
          { ...PART, destination: '::/0' },
          { ...PART, destination: 'fd00:5:0:2::/64', table: '100' },
          { ...PART, destination: 'fd00:5:0:2::/128', type: 'anycast', table: 'local' },
        ]),
    },
    {
      name: 'a part that leads the same way',
      cluster: () =>
        withMoreIpv6Routes(vxlan, [
          { ...PART, type: 'unicast', gateway: 'fd00:5:0:2::', link: 'flannel-v6.1' },
        ]),
    },
  ],
  fails: [
    { name: 'a part', cluster: () => withMoreIpv6Routes(vxlan, [PART]), findings: SHADOWED },
    {
      name: 'one address, and another part: one finding',
      cluster: () => withMoreIpv6Routes(vxlan, [{ ...PART, destination: 'fd00:5:0:2::7/128' }, PART]),
      findings: SHADOWED,
    },
    {
      name: 'table local has the whole',
      cluster: () =>
        withMoreIpv6Routes(vxlan, [
          { ...PART, destination: 'fd00:5:0:2::/64', type: 'local', table: 'local' },
        ]),
      findings: SHADOWED,
    },
  ],
})

test('what nobody uses is not lost yet', (t) => {
  const effects = (destination: string, edit = (cluster: typeof vxlan) => cluster) =>
    judgedBy(check, edit(withMoreIpv6Routes(vxlan, [{ ...PART, destination }]))).flatMap(({ findings }) =>
      findings.map(({ effect, fixes }) => [effect, fixes[0]?.command]),
    )
  const removal = (prefix: string) => `ip -6 route del blackhole ${prefix} dev lo metric 1024`
  t.deepEqual(effects('fd00:5:0:2:ff::/80'), [['risk', removal('fd00:5:0:2:ff::/80')]])
  t.deepEqual(effects('fd00:5:0:2::/80'), [['loss', removal('fd00:5:0:2::/80')]])
  const unseen = (cluster: typeof vxlan) =>
    withHost(cluster, 'h2', ({ addresses }) => ({
      addresses: addresses.filter(({ family }) => family === 'inet'),
    }))
  t.deepEqual(effects('fd00:5:0:2::/80', unseen), [['risk', removal('fd00:5:0:2::/80')]])
})
