import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-public-ip.ts'

const vxlan = ipv6Cluster('vxlan')

/** h1 with these IPv6 addresses on its underlay link. */
function addressed(texts: readonly string[], cluster: ClusterSnapshot = vxlan): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ addresses }) => ({
    addresses: [
      ...addresses.filter(({ link, family }) => link !== 'eth0' || family === 'inet'),
      ...texts.map(
        (address) => ({ link: 'eth0', family: 'inet6', scope: 'global', length: 64, address }) as const,
      ),
    ],
  }))
}

function toldBy(words: readonly string[]): ClusterSnapshot {
  return withHost(addressed([]), 'h1', ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map((one) => ({ ...one, argv: [...one.argv, ...words] })) },
  }))
}

const LOST = ['h1 not-on-host public IP 2001:db8::1']

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => ipv6Cluster('host-gw') },
    { name: 'written in another way', cluster: () => addressed(['2001:DB8:0::1']) },
    { name: 'flanneld was told one behind NAT', cluster: () => toldBy(['-public-ipv6=2001:db8::1']) },
  ],
  fails: [
    { name: 'it is gone', cluster: () => addressed([]), findings: LOST },
    { name: 'another one', cluster: () => addressed(['2001:db8::77']), findings: LOST },
  ],
})

test('a restart heals where the link has another address to register, else the address comes back', (t) => {
  const commands = (cluster: ClusterSnapshot) =>
    judgedBy(check, cluster).flatMap(({ findings }) =>
      findings.flatMap(({ fixes }) => fixes.map(({ command }) => command)),
    )
  t.regex(commands(addressed(['2001:db8::77']))[0] ?? '', /flanneld/)
  t.deepEqual(commands(addressed([])), ['ip -6 addr add 2001:db8::1/64 dev eth0'])
})

test('of an address whose length no peer on the link tells there is no command', (t) => {
  const far = (['h2', 'h3'] as const).reduce(
    (cluster, host) =>
      withHost(cluster, host, ({ addresses }) => ({
        addresses: addresses.map((one) => (one.family === 'inet6' ? { ...one, length: 128 } : one)),
      })),
    addressed([]),
  )
  t.deepEqual(
    judgedBy(check, far).flatMap(({ findings }) => findings.flatMap(({ fixes }) => fixes)),
    [],
  )
})

test('without flanneld it is not known whether the address is meant', (t) => {
  const gone = withHost(addressed([]), 'h1', () => ({ flanneld: { processes: [] } }))
  const [result] = judgedBy(check, gone).filter(({ host }) => host === 'h1')
  t.is(result?.outcome, 'inconclusive')
})
