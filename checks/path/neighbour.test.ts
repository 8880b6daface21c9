import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { gatewayAskedInVain, HOST_GW, link, neighbours, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { nativeTable } from '../../runners/collect/facts/rules-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './neighbour.ts'

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => VXLAN },
    { name: 'host-gw', cluster: () => HOST_GW },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'h1 has no neighbour entries',
      cluster: () => neighbours('h1', () => [])(VXLAN),
      findings: ['h1 unresolved neighbour to h2', 'h1 unresolved neighbour to h3'],
    },
    {
      name: 'the host holds another MAC address of its container',
      cluster: () =>
        neighbours('h2', (one) => (one.link === 'docker0' ? [{ ...one, mac: '06:00:00:00:00:99' }] : [one]))(
          VXLAN,
        ),
      findings: ['h2 wrong-mac neighbour 10.2.2.2 dev docker0 lladdr 06:00:00:00:00:99 REACHABLE'],
    },
    {
      name: 'h1 has no FDB entries',
      cluster: () => withHost(VXLAN, 'h1', () => ({ fdb: [] })),
      findings: ['h1 no-fdb-entry neighbour to h2', 'h1 no-fdb-entry neighbour to h3'],
    },
    {
      name: 'the flannel link has got another MAC address',
      cluster: () => link('h2', 'flannel.1', { mac: '02:00:00:00:00:99' })(VXLAN),
      findings: ['h2 wrong-vtep neighbour flannel.1 vxlan id 1 dstport 8472 02:00:00:00:00:99'],
    },
  ],
})

test('a rule of ARP or of a bridge that takes questions has its command', (t) => {
  for (const family of ['arp', 'bridge']) {
    const nftables = nativeTable('own', { family, hook: 'input', policy: 'accept' }, [
      { match: { op: '==', left: { meta: { key: 'protocol' } }, right: 'arp' } },
      { drop: null },
    ])
    const cluster = withHost(gatewayAskedInVain(VXLAN), 'h1', () => ({ nftables }))
    const found = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
    const commands = found.flatMap(({ fixes }) => fixes.map(({ command }) => command))
    t.deepEqual([...new Set(commands)], [`nft delete rule ${family} own input handle 0`])
  }
})
