import test from 'ava'
import fc from 'fast-check'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { choosePairs, MOST_PAIRS } from './pairs.ts'
import { sizesBetween } from './path-mtu.ts'
import { planProbes } from './plan.ts'

const two = buildCluster({ hosts: 2, backend: 'vxlan' })

function lines(cluster = two): string[] {
  return planProbes(cluster).pings.map(
    ({ pattern, from, to, address, size }) =>
      `${pattern} ${from.container ?? from.host} ${to.container ?? to.host} ${address} ${size}`,
  )
}

test('every pattern in both directions, full size where both ends name an MTU', (t) => {
  const containers = [...two.hosts.values()].map(
    ({ facts }) => facts.containers.known && facts.containers.value[0],
  )
  const [c1, c2] = containers.map((container) => (container ? container.name : undefined))
  t.deepEqual(lines(), [
    'hu h1 h2 172.20.0.2 84',
    'hu h1 h2 172.20.0.2 1500',
    'hd h1 h2 10.2.2.1 84',
    `hc h1 ${c2} 10.2.2.2 84`,
    `cd ${c1} h2 10.2.2.1 84`,
    `cc ${c1} ${c2} 10.2.2.2 84`,
    `cc ${c1} ${c2} 10.2.2.2 1450`,
    'hu h2 h1 172.20.0.1 84',
    'hu h2 h1 172.20.0.1 1500',
    'hd h2 h1 10.2.1.1 84',
    `hc h2 ${c1} 10.2.1.2 84`,
    `cd ${c2} h1 10.2.1.1 84`,
    `cc ${c2} ${c1} 10.2.1.2 84`,
    `cc ${c2} ${c1} 10.2.1.2 1450`,
  ])
})

test('never the first address of a subnet, which old kernels hold for a broadcast address', (t) => {
  for (const backend of ['vxlan', 'udp', 'host-gw'] as const) {
    const { pings } = planProbes(buildCluster({ hosts: 3, backend }))
    t.deepEqual(
      pings.filter(({ address }) => address.startsWith('10.2.') && address.endsWith('.0')),
      [],
    )
    t.true(pings.length > 0)
  }
})

test('hosts without containers ping each other’s bridge, full size too', (t) => {
  const bare = ['h1', 'h2'].reduce(
    (cluster, host) => withHost(cluster, host, () => ({ containers: [] })),
    two,
  )
  t.deepEqual(
    lines(bare).filter((line) => line.includes(' h1 h2 ')),
    ['hu h1 h2 172.20.0.2 84', 'hu h1 h2 172.20.0.2 1500', 'hd h1 h2 10.2.2.1 84', 'hd h1 h2 10.2.2.1 1450'],
  )
})

test('the smaller MTU of the two ends is asked of a path', (t) => {
  const small = withHost(two, 'h2', ({ containers }) => ({
    containers: containers.map((each) => ({
      ...each,
      links: each.links.map((link) => ({ ...link, mtu: 1400 })),
    })),
  }))
  const sizes = planProbes(small).pings.filter(({ full, pattern }) => full && pattern === 'cc')
  t.deepEqual(
    sizes.map(({ size }) => size),
    [1400, 1400],
  )
})

test('what cannot take part is named', (t) => {
  const cluster = withHost(two, 'h2', ({ containers }) => ({
    containers: [
      { name: 'odd', foundBy: 'docker', links: [], addresses: [], problem: 'gone' },
      ...containers,
    ],
  }))
  const { summary } = planProbes(cluster)
  t.deepEqual(summary.leftOut, [{ end: { host: 'h2', container: 'odd' }, reason: 'gone' }])
  t.is(summary.pairs, 2)
})

test('containers of a host take turns', (t) => {
  const three = buildCluster({ hosts: 3, backend: 'vxlan' })
  const more = withHost(three, 'h1', ({ containers }) => ({
    containers: [...containers, ...containers.map((each) => ({ ...each, name: 'second' }))],
  }))
  const targets = planProbes(more).pings.filter(({ pattern, to }) => pattern === 'hc' && to.host === 'h1')
  t.is(new Set(targets.map(({ to }) => to.container)).size, 2)
})

test('a large mesh is sampled, the same way in every turn and another way in the next, and says so', (t) => {
  const hosts = Array.from({ length: 1000 }, (_, n) => `h${n}`)
  const sample = choosePairs(hosts, (host) => host)
  t.is(sample.ofPairs, 999_000)
  t.true(sample.pairs.length <= 6000)
  t.truthy(sample.sampledBy)
  t.deepEqual(
    choosePairs(hosts, (host) => host),
    sample,
  )
  const key = (pair: readonly string[]): string => pair.join(' ')
  const first = new Set(sample.pairs.map(key))
  const next = choosePairs(hosts, (host) => host, 1)
  t.true(next.pairs.filter((pair) => !first.has(key(pair))).length > 3000)
})

test('every host sends and is sent to, no pair twice, none to itself', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 40 }), (hosts) => {
      const { pairs, sampledBy } = choosePairs(hosts, (host) => host)
      const keys = pairs.map((pair) => JSON.stringify(pair))
      const isFull = hosts.length * (hosts.length - 1) <= MOST_PAIRS
      return (
        new Set(keys).size === pairs.length &&
        pairs.every(([a, b]) => a !== b) &&
        hosts.every((host) => pairs.some(([a]) => a === host) && pairs.some(([, b]) => b === host)) &&
        (sampledBy === undefined) === isFull
      )
    }),
  )
  t.pass()
})

test('a container whose turn never comes gets one ping of its own', (t) => {
  for (const hosts of [2, 3]) t.true(isEachPingedOnce(hosts))
})

/** Two containers on each host: every one is pinged and pings, no pair twice in one size. */
function isEachPingedOnce(hosts: number): boolean {
  const second = ['h1', 'h2', 'h3'].slice(0, hosts).reduce(
    (cluster, host) =>
      withHost(cluster, host, ({ containers }) => ({
        containers: containers.flatMap((one) => [one, { ...one, name: `${one.name}b` }]),
      })),
    buildCluster({ hosts, backend: 'vxlan' }),
  )
  const { pings } = planProbes(second)
  const ends = (side: 'from' | 'to'): number =>
    new Set(pings.flatMap((ping) => (ping[side].container ? [JSON.stringify(ping[side])] : []))).size
  const keys = new Set(pings.map(({ from, to, pattern, size }) => JSON.stringify([from, to, pattern, size])))
  return ends('from') === 2 * hosts && ends('to') === 2 * hosts && keys.size === pings.length
}

test('sizes between two lie strictly between them and close the gap', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 84, max: 9000 }), fc.integer({ min: 2, max: 9000 }), (passes, gap) => {
      const fails = passes + gap
      const sizes = sizesBetween({ passes, fails })
      const steps = [passes, ...sizes, fails]
      return (
        sizes.every((size) => size > passes && size < fails) &&
        steps.every((size, n) => n === 0 || size > (steps[n - 1] ?? 0)) &&
        (gap > 33 || sizes.length === gap - 1)
      )
    }),
  )
  t.deepEqual(sizesBetween({ passes: 84, fails: 85 }), [])
})
