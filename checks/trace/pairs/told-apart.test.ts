import test from 'ava'
import fc from 'fast-check'
import { buildCluster } from '../../../fixtures/build.ts'
import { containerAddress, withSecondContainer } from '../../../fixtures/containers-for-tests.ts'
import { type Edit, FIRST, route, rule, underlay } from '../../../fixtures/walk-edits-for-tests.ts'
import { formatAddress, formatPrefix, type Prefix } from '../../model/address.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { type Pair, walkPing } from '../walk.ts'
import { endsBeyond } from './ends.ts'
import { type HostPair, MOST_HOSTS, plannedPairs } from './pairs.ts'
import { PLAIN_SIZE, predictions } from './predictions.ts'

const HOSTS = 90
const CLUSTER = buildCluster({ hosts: HOSTS, backend: 'vxlan' })
const HOST = 'h40'
const NAMES = [...CLUSTER.hosts.keys()]

/** The container of a host, by the number of the host from 1. */
const container = (number: number): number => FIRST + 256 * (number - 1)

const number = fc.integer({ min: 1, max: HOSTS })
const side = fc.constantFrom('s', 'd')
const not = fc.constantFrom('', '! ')

/** Any prefix, from one address to most of the network. */
const prefix = (first: (number: number) => number, least: number): fc.Arbitrary<Prefix> =>
  fc.record({ address: number.map(first), length: fc.integer({ min: least, max: 32 }) })

const asText = ({ address, length }: Prefix): string =>
  formatPrefix({ address: (address & (length === 0 ? 0 : -1 << (32 - length))) >>> 0, length })

/** Things on one host that lose the packets of some peers. */
const LOSING: Readonly<Record<string, fc.Arbitrary<Edit>>> = {
  'a rule for a prefix': fc
    .tuple(not, side, prefix(container, 18))
    .map(([no, to, of]) => rule(HOST, 'FORWARD', `${no}-${to} ${asText(of)} -j DROP`)),
  'a rule for a range': fc.tuple(number, number).map(([a, b]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)].map((one) => formatAddress(container(one)))
    return rule(HOST, 'FORWARD', `-m iprange --src-range ${from}-${to} -j DROP`)
  }),
  'a rule for packets from the underlay': fc
    .tuple(not, prefix(underlay, 20))
    .map(([no, of]) => rule(HOST, 'INPUT', `${no}-s ${asText(of)} -p udp -m udp --dport 8472 -j DROP`)),
  'a route that throws packets away': prefix(container, 22).map((destination) =>
    route(HOST, { destination, type: 'blackhole' }),
  ),
}

for (const [name, edits] of Object.entries(LOSING))
  test(`${name} is met by a pair that is walked where it is met by any`, (t) => {
    const isMet = fc.property(edits, (edit) => {
      const cluster = edit(CLUSTER)
      const isLost = (pair: Pair): boolean => {
        const { request, reply } = walkPing(cluster, pair, { size: PLAIN_SIZE })
        return (reply ?? request).ends !== 'delivered'
      }
      const { pairs } = plannedPairs(cluster)
      const own = pairs.find(({ from }) => from.name === HOST)?.from.containers[0]
      const walked = pairs.flatMap(({ from, to }) =>
        own !== undefined && from.name === HOST ? to.containers.map((one) => ({ from: own, to: one })) : [],
      )
      const ends = NAMES.filter((host) => host !== HOST).flatMap(
        (host) => pairs.find(({ from }) => from.name === host)?.from.containers ?? [],
      )
      const all = own === undefined ? [] : ends.map((to) => ({ from: own, to }))
      return all.length === HOSTS - 1 && walked.some(isLost) === all.some(isLost)
    })
    t.notThrows(() => fc.assert(isMet, { numRuns: 60 }))
  })

test('without anything that tells peers apart each host is walked with its neighbours in the ring alone', (t) => {
  const { pairs, of } = plannedPairs(CLUSTER)
  const peers = new Set(pairs.filter(({ from }) => from.name === HOST).map(({ to }) => to.name))
  t.is(of, HOSTS * (HOSTS - 1))
  t.is(pairs.length, HOSTS * peers.size)
  t.true(peers.has('h39') && peers.has('h41') && !peers.has('h1'))
})

test('a rule that all hosts have is looked at from a few of them', (t) => {
  const words = `-s ${formatAddress(container(60))}/24 -j DROP`
  const everywhere = NAMES.reduce((all, host) => rule(host, 'FORWARD', words)(all), CLUSTER)
  const [plain, more] = [CLUSTER, everywhere].map((cluster) => plannedPairs(cluster).pairs.length)
  t.true((more ?? 0) > (plain ?? 0))
  t.true((more ?? 0) <= (plain ?? 0) + 8 * 3 * 2)
})

test('of leases without a host those that a host tells apart are walked besides the first ones', (t) => {
  const hosts = new Map([...CLUSTER.hosts].slice(0, 3))
  const some = { ...CLUSTER, hosts, complete: false }
  const last = NAMES.length
  const told = rule('h1', 'FORWARD', `-s ${formatAddress(container(last))}/24 -j DROP`)(some)
  const lease = CLUSTER.datastore.leases.known ? CLUSTER.datastore.leases.value.leases[last - 1] : undefined
  const name = lease && endsBeyond(lease).name
  const isWalked = (cluster: ClusterSnapshot): boolean =>
    plannedPairs(cluster).pairs.some(({ to }) => to.name === name)
  t.true(last - 3 > MOST_HOSTS)
  t.deepEqual([isWalked(some), isWalked(told)], [false, true])
})

test('a container that a rule tells from the others of its bridge is walked with every peer', (t) => {
  const few = buildCluster({ hosts: 4, backend: 'vxlan' })
  const last = FIRST + 198
  const prefixed = { address: last, length: 24 }
  const two = withSecondContainer(few, {
    name: 'h1c2',
    addresses: [containerAddress(formatAddress(last), prefixed)],
  })
  const told = rule('h3', 'FORWARD', '-s 10.2.1.128/25 -j DROP')(two)
  const isWalked = ({ from, to }: HostPair): boolean =>
    to.name === 'h3' && from.containers.some(({ container: name }) => name === 'h1c2')
  const peersWalked = [two, told].map((cluster) => plannedPairs(cluster).pairs.some(isWalked))
  t.deepEqual(peersWalked, [false, true])
  t.is(predictions(two).lost.length, 0)
  t.true(predictions(told).lost.some(({ pair }) => pair.from.container === 'h1c2'))
})
