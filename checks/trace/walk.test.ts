import test from 'ava'
import { type BuildOptions, buildCluster } from '../../fixtures/build.ts'
import { withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import {
  both,
  detour,
  HOST_GW,
  link,
  neighbours,
  onLink,
  rule,
  SECOND,
  sysctl,
  UDP,
  underlay,
  VXLAN,
} from '../../fixtures/walk-edits-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from './endpoint.ts'
import type { Endpoint } from './trace.ts'
import { C1, C2, endOf, PLAIN } from './walk/cases-for-tests.ts'
import { type Pair, walk, walkPing } from './walk.ts'

/** Every host and every container with every other. */
function everyPair(cluster: ClusterSnapshot): readonly Pair[] {
  const words = [...cluster.hosts].flatMap(([host, { facts }]) => [
    host,
    ...(facts.containers.known ? facts.containers.value.map(({ name }) => `${host}/${name}`) : []),
  ])
  const ends = words.map((word) => resolveEndpoint(cluster, word)).filter(isEndpoint)
  return ends.flatMap((from) => ends.filter((to) => to !== from).map((to) => ({ from, to })))
}

/** Pairs that do not answer, with the place where the ping ends. */
function unanswered(cluster: ClusterSnapshot): readonly string[] {
  return everyPair(cluster).flatMap((pair) => {
    const { request, reply } = walkPing(cluster, pair, PLAIN)
    const ends = endOf(reply ?? request)
    return ends === 'delivered' ? [] : [`${pair.from.address} to ${pair.to.address}: ${ends}`]
  })
}

const BACKENDS = ['vxlan', 'host-gw', 'udp'] as const
const DESIGNS: readonly BuildOptions[] = ['v0.6.2', 'v0.7.0', 'v0.10.0', 'v0.28.9'].flatMap((version) =>
  BACKENDS.map((backend) => ({ hosts: 3, backend, version })),
)

for (const options of DESIGNS) {
  test(`built ${options.backend} of ${options.version}: every pair answers`, (t) => {
    const cluster = buildCluster(options)
    t.is(everyPair(cluster).length, 30)
    t.deepEqual(unanswered(cluster), [])
  })
}

test('direct routing over two underlays: every pair answers', (t) => {
  const config = { directRouting: true }
  t.deepEqual(unanswered(buildCluster({ hosts: 4, backend: 'vxlan', underlays: 2, config })), [])
})

const RECORDED = ['v0.6.2', 'v0.7.0', 'v0.10.0', 'v0.28.9'].flatMap((version) =>
  BACKENDS.map((backend) => `${version}-${backend}`),
)

for (const name of [...RECORDED, 'v0.10.0-vxlan-plain', 'v0.28.9-vxlan-docker']) {
  test(`recorded ${name}: every pair answers`, async (t) => {
    const cluster = await recordedCluster(name)
    t.is(everyPair(cluster).length, 30)
    t.deepEqual(unanswered(cluster), [])
  })
}

test('recorded containers that were not entered: their bridges answer each other', async (t) => {
  const cluster = await recordedCluster('v0.10.0-vxlan-docker')
  t.is(everyPair(cluster).length, 2)
  t.deepEqual(unanswered(cluster), [])
})

test('a recorded lease that flanneld missed: both directions end, h2 is not touched', async (t) => {
  const cluster = await recordedCluster('v0.20.0-vxlan-missed-lease')
  const lost = unanswered(cluster)
  t.is(lost.length, 8)
  t.true(lost.includes('10.2.75.2 to 10.2.68.2: wrong-route at route of h1'))
  t.true(lost.includes('10.2.68.2 to 10.2.75.2: not-enough-facts at forward-in of h1'))
  t.false(lost.some((text) => text.includes('10.2.98.')))
})

test('the hops of a healthy path, with the entries that were used', (t) => {
  const trace = walk(VXLAN, { from: C1, to: C2 }, PLAIN)
  const sender =
    'source eth0, bridge vc1, bridge docker0, forward -, route -, neighbour flannel.1, fdb -, encap -, underlay eth0'
  const receiver =
    'underlay eth0, decap flannel.1, forward-in -, bridge-in docker0, bridge-in vc1, target eth0'
  const hopsOn = (host: string): string =>
    trace.hops
      .filter((hop) => hop.host === host)
      .map(({ stage, link = '-' }) => `${stage} ${link}`)
      .join(', ')
  t.is(hopsOn('h1'), sender)
  t.is(hopsOn('h2'), receiver)
  const used = trace.hops.flatMap((hop) => hop.used.map(({ excerpt }) => excerpt))
  t.true(used.includes('10.2.2.0/24 via 10.2.2.0 dev flannel.1'))
  t.true(used.includes('0e:2a:00:00:00:02 dev flannel.1 dst 172.20.0.2 permanent'))
  t.is(trace.hops.at(-1)?.why, 'TTL 62 from 10.2.1.2')
  t.is(trace.agreement, 'predicted-only')
})

test('a host sends from its flannel address over vxlan and udp, from its underlay address with host-gw', (t) => {
  const from: Endpoint = { host: 'h1', address: '10.2.1.1' }
  t.is(walk(VXLAN, { from, to: C2 }, PLAIN).from.address, '10.2.1.0')
  t.is(walk(UDP, { from, to: C2 }, PLAIN).from.address, '10.2.1.0')
  t.is(walk(HOST_GW, { from, to: C2 }, PLAIN).from.address, '172.20.0.1')
})

test('with udp every flanneld takes one off the time to live', (t) => {
  t.is(walk(UDP, { from: C1, to: C2 }, PLAIN).hops.at(-1)?.why, 'TTL 60 from 10.2.1.2')
  t.is(walk(UDP, { from: C1, to: C2 }, { size: 84, ttl: 2 }).ends, 'loop')
})

test('a masqueraded request is answered to the host, which passes the reply on to the container', (t) => {
  const hidden = rule('h1', 'nat/POSTROUTING', '-s 10.2.1.0/24 ! -o docker0 -j MASQUERADE')(VXLAN)
  const { request, reply } = walkPing(hidden, { from: C1, to: C2 }, PLAIN)
  t.is(request.hops.at(-1)?.why, 'TTL 62 from 10.2.1.0')
  t.is(reply?.ends, 'delivered')
  t.true(reply?.hops.some(({ why }) => why?.includes('10.2.1.0 becomes 10.2.1.2 again')))
})

test('replies pass a filter that lets only known flows in', (t) => {
  const closed = both(
    rule('h1', 'FORWARD', '-o docker0 -j DROP'),
    rule('h1', 'FORWARD', '-o docker0 -m conntrack --ctstate ESTABLISHED -j ACCEPT'),
  )(VXLAN)
  t.is(walkPing(closed, { from: C1, to: C2 }, PLAIN).reply?.ends, 'delivered')
  t.is(endOf(walk(closed, { from: C2, to: C1 }, PLAIN)), 'filtered at forward-in of h1')
})

test('a detour through a third host that forwards still arrives, as that host masquerades it', (t) => {
  const trace = walk(
    detour('h1', SECOND, { gateway: underlay(3), link: 'eth0' })(HOST_GW),
    { from: C1, to: C2 },
    PLAIN,
  )
  t.is(trace.ends, 'delivered')
  t.is(trace.hops.at(-1)?.why, 'TTL 61 from 172.20.0.3')
})

test('a reply that takes a detour belongs to no flow there', (t) => {
  const detoured = detour('h2', 0x0a020102, { gateway: underlay(3), link: 'eth0' })(HOST_GW)
  t.is(walkPing(detoured, { from: C1, to: C2 }, PLAIN).reply?.hops.at(-1)?.why, 'TTL 61 from 10.2.2.2')
  const strict = rule('h3', 'FORWARD', '-m conntrack --ctstate INVALID -j DROP')(detoured)
  const { reply } = walkPing(strict, { from: C1, to: C2 }, PLAIN)
  t.is(reply && endOf(reply), 'filtered at forward-in of h3')
})

test('a large request is refused, a reply of the same size is cut and arrives', (t) => {
  const small = link('h2', 'flannel.1', { mtu: 1300 })(VXLAN)
  t.is(walkPing(small, { from: C1, to: C2 }, { size: 1450 }).reply?.ends, 'delivered')
  t.is(endOf(walk(small, { from: C2, to: C1 }, { size: 1450 })), 'too-big at encap of h2')
})

test('containers of one host meet on the bridge', (t) => {
  const own = onLink('eth0', '10.2.1.3', { address: 0x0a020103, length: 24 })
  const two = withSecondContainer(VXLAN, { addresses: [own] })
  const to: Endpoint = { host: 'h1', container: 'h1c2', address: '10.2.1.3' }
  t.is(walkPing(two, { from: C1, to }, PLAIN).reply?.ends, 'delivered')
  const filtered = rule('h1', 'FORWARD', '-i docker0 -o docker0 -j DROP')(two)
  t.is(endOf(walk(filtered, { from: C1, to }, PLAIN)), 'filtered at bridge of h1')
  const unfiltered = sysctl('h1', 'net.bridge.bridge-nf-call-iptables', '0')(filtered)
  t.is(walk(unfiltered, { from: C1, to }, PLAIN).ends, 'delivered')
})

test('of two containers with the address the one with the held MAC gets it', (t) => {
  const twice = withSecondContainer(VXLAN, {})
  t.is(walk(twice, { from: C2, to: C1 }, PLAIN).ends, 'delivered')
  const other = neighbours('h1', (one) => [
    { ...one, ...(one.link === 'docker0' && { mac: '06:c2:00:00:00:01' }) },
  ])
  t.is(endOf(walk(other(twice), { from: C2, to: C1 }, PLAIN)), 'captured at target of h1')
  const open = neighbours('h1', (one) => (one.link === 'docker0' ? [] : [one]))(twice)
  t.is(endOf(walk(open, { from: C2, to: C1 }, PLAIN)), 'not-enough-facts at bridge-in of h1')
})

test('a host that answers no ping, and one that is not there', (t) => {
  const silent = sysctl('h2', 'net.ipv4.icmp_echo_ignore_all', '1')(VXLAN)
  const { request, reply } = walkPing(silent, { from: C1, to: { host: 'h2', address: '10.2.2.1' } }, PLAIN)
  t.is(request.ends, 'delivered')
  t.is(reply && endOf(reply), 'no-answer at source of h2')
  const stranger = walk(VXLAN, { from: { host: 'h9', address: '10.2.9.1' }, to: C2 }, PLAIN)
  t.is(endOf(stranger), 'not-enough-facts at source of h9')
})
