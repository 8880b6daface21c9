import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { containerAddress, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import { nativeTable, withRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './prerouting.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const second = containerAddress('10.2.1.3', { address: 0x0a020103, length: 24 })
const raw = (...rules: readonly string[]): string[] => [
  '*raw',
  ':PREROUTING ACCEPT [0:0]',
  ...rules,
  'COMMIT',
]

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 3, backend: 'host-gw' }) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 3, backend: 'udp' }) },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
    {
      name: 'Docker 28 with flannel.1 trusted',
      cluster: () =>
        withRules(
          vxlan,
          ...raw(
            '-A PREROUTING -d 10.2.1.2/32 -i flannel.1 -j ACCEPT',
            '-A PREROUTING -d 10.2.1.2/32 ! -i docker0 -j DROP',
          ),
        ),
    },
    {
      name: 'an address that no container has',
      cluster: () => withRules(vxlan, ...raw('-A PREROUTING -d 10.2.1.9/32 ! -i docker0 -j DROP')),
    },
    {
      name: 'a rule for another host of the network',
      cluster: () => withRules(vxlan, ...raw('-A PREROUTING -d 10.2.2.2/32 ! -i docker0 -j DROP')),
    },
    {
      name: 'a port of the loopback interface, as Docker closes it',
      cluster: () => withRules(vxlan, ...raw('-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -j DROP')),
    },
  ],
  fails: [
    {
      name: 'dropped: the address of one container, Docker 28',
      cluster: () => withRules(vxlan, ...raw('-A PREROUTING -d 10.2.1.2/32 ! -i docker0 -j DROP')),
      findings: ['h1 dropped container 10.2.1.2'],
    },
    {
      name: 'dropped: two containers, two findings',
      cluster: () =>
        withRules(
          withSecondContainer(vxlan, { addresses: [second] }),
          ...raw(
            '-A PREROUTING -d 10.2.1.2/32 ! -i docker0 -j DROP',
            '-A PREROUTING -d 10.2.1.3/32 ! -i docker0 -j DROP',
          ),
        ),
      findings: ['h1 dropped container 10.2.1.2', 'h1 dropped container 10.2.1.3'],
    },
    {
      name: 'dropped: everything that comes in on flannel.1',
      cluster: () => withRules(vxlan, ...raw('-A PREROUTING -i flannel.1 -j DROP')),
      findings: ['h1 dropped containers'],
    },
    {
      name: 'dropped: by native nft before routing',
      cluster: () =>
        withHost(vxlan, 'h1', () => ({
          nftables: nativeTable('guard', { family: 'ip', hook: 'prerouting', policy: 'accept' }, [
            { match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: '10.2.1.2' } },
            { match: { op: '!=', left: { meta: { key: 'iifname' } }, right: 'docker0' } },
            { drop: null },
          ]),
        })),
      findings: ['h1 dropped container 10.2.1.2'],
    },
  ],
})

test('an unreadable world leaves the check inconclusive', (t) => {
  const cluster = withoutFact(vxlan, 'h1', { name: 'iptablesLegacy', why: 'not-installed' })
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})
