/** Which pings by IPv6 are planned, and what ping(8) of this machine says to its own loopback. */
import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { needs } from '../test-needs.ts'
import { planIpv6, sendIpv6 } from './ipv6-ping.ts'

const words = (cluster: Parameters<typeof planIpv6>[0]) =>
  planIpv6(cluster).flatMap(({ from, to, address, full }) =>
    full ? [] : `${from.host} ${to.host} ${address}`,
  )

test('every host pings the VTEP of every other', (t) => {
  t.deepEqual(words(ipv6Cluster('vxlan')).slice(0, 2), ['h1 h2 fd00:5:0:2::', 'h1 h3 fd00:5:0:3::'])
  t.is(words(ipv6Cluster('vxlan')).length, 6)
})

test('with host-gw the bridge, where it has an address', (t) => {
  t.deepEqual(words(ipv6Cluster('host-gw')).slice(0, 1), ['h1 h2 fd00:5:0:2::1'])
  const bare = withHost(ipv6Cluster('host-gw'), 'h2', ({ addresses }) => ({
    addresses: addresses.filter(({ family }) => family !== 'inet6'),
  }))
  t.false(words(bare).some((line) => line.includes(' h2 ')))
})

test('IPv4 alone has none', (t) => {
  t.deepEqual(words(buildCluster({ hosts: 2, backend: 'vxlan' })), [])
})

const live = needs(test, 'root')

live('an answer is counted, a host without a target is left out', async (t) => {
  const targets = [{ name: 'h1', via: 'local:' }]
  const from = (host: string) => ({
    from: { host },
    to: { host: 'h2' },
    address: '::1',
    size: 2000,
    full: true,
  })
  const { observations } = await sendIpv6([from('h1'), from('h9')], {
    targets,
    concurrency: 2,
    signal: AbortSignal.timeout(30_000),
  })
  t.deepEqual(
    observations.map(({ sent, received, problem }) => [sent, received, problem]),
    [[3, 3, undefined]],
  )
})

test('what is no IPv6 address becomes no word of a script', async (t) => {
  const job = { from: { host: 'h1' }, to: { host: 'h2' }, address: '::1; id', size: 104, full: false }
  const settings = { targets: [{ name: 'h1', via: 'local:' }], concurrency: 1 }
  await t.throwsAsync(sendIpv6([job], { ...settings, signal: AbortSignal.timeout(9000) }), {
    instanceOf: TypeError,
  })
})
