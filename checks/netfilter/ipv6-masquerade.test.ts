import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster, withIpv6Nat } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-masquerade.ts'

const NETWORK = { ipv6Network: 'fd00:5::/48' } as const
const vxlan = ipv6Cluster('vxlan', NETWORK)
const DOCKER = '-s fd00:5:0:1::/64 ! -o docker0 -j MASQUERADE'

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => ipv6Cluster('host-gw', NETWORK) },
    {
      name: 'flanneld is not to',
      cluster: () =>
        withHost(withIpv6Nat(vxlan, []), 'h1', ({ flanneld: { processes } }) => ({
          flanneld: {
            processes: processes.map((one) => ({ ...one, argv: [...one.argv, '-ip-masq=false'] })),
          },
        })),
    },
    {
      name: 'no container has IPv6',
      cluster: () =>
        withHost(withIpv6Nat(vxlan, []), 'h1', ({ addresses }) => ({
          addresses: addresses.filter(({ link, family }) => link !== 'docker0' || family === 'inet'),
        })),
    },
    { name: 'somebody else does it', cluster: () => withIpv6Nat(vxlan, ['-o eth0 -j MASQUERADE']) },
  ],
  fails: [
    { name: 'none', cluster: () => withIpv6Nat(vxlan, []), findings: ['h1 none subnet fd00:5::/48'] },
    {
      name: 'hides-source: to peers as well',
      cluster: () => withIpv6Nat(vxlan, [DOCKER]),
      findings: [`h1 hides-source rule -A POSTROUTING ${DOCKER}`],
    },
  ],
})

test('a rule that may masquerade by IPv6 leaves it open', (t) => {
  const cluster = withIpv6Nat(vxlan, ['-m something --else 7 -j MASQUERADE'])
  t.like(judgedBy(check, cluster)[0], { outcome: 'inconclusive' })
})
