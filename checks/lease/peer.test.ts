import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './peer.ts'

const healthy = () => buildCluster({ hosts: 3, backend: 'vxlan' })

/** h1 without the entries for the peers whose numbers are given. */
function without(
  cluster: ClusterSnapshot,
  peers: readonly number[],
  kinds: readonly string[],
): ClusterSnapshot {
  const subnets = new Set(peers.map((number) => `10.2.${number}.0`))
  const macs = new Set(peers.map((number) => `0e:2a:00:00:00:0${number}`))
  const bytes = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
  return withHost(cluster, 'h1', ({ routes, neighbours, fdb }) => ({
    routes: kinds.includes('route')
      ? routes.filter(({ destination }) => !subnets.has(bytes(destination.address)))
      : routes,
    neighbours: kinds.includes('neighbour')
      ? neighbours.filter(({ address }) => !subnets.has(address))
      : neighbours,
    fdb: kinds.includes('fdb') ? fdb.filter(({ mac }) => !macs.has(mac)) : fdb,
  }))
}

const ALL = ['route', 'neighbour', 'fdb']

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    {
      name: 'vxlan of v0.6.2',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.6.2' }),
    },
    {
      name: 'DirectRouting',
      cluster: () =>
        buildCluster({ hosts: 4, backend: 'vxlan', underlays: 2, config: { directRouting: true } }),
    },
    { name: 'a single host', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    { name: 'only the route is missing', cluster: () => without(healthy(), [2], ['route']) },
    {
      name: 'only the FDB entries are left',
      cluster: () => without(healthy(), [2, 3], ['route', 'neighbour']),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
    { name: 'recorded v0.7.0', cluster: () => recordedCluster('v0.7.0-vxlan') },
  ],
  fails: [
    {
      name: 'recorded v0.20.0, which lost a watch event',
      cluster: () => recordedCluster('v0.20.0-vxlan-missed-lease'),
      findings: ['h1 unprogrammed lease 10.2.68.0/24'],
    },
    {
      name: 'one peer of two',
      cluster: () => without(healthy(), [2], ALL),
      findings: ['h1 unprogrammed lease 10.2.2.0/24'],
    },
    { name: 'all peers', cluster: () => without(healthy(), [2, 3], ALL), findings: ['h1 none all peers'] },
    {
      name: 'the only peer',
      cluster: () => without(buildCluster({ hosts: 2, backend: 'vxlan' }), [2], ALL),
      findings: ['h1 unprogrammed lease 10.2.2.0/24'],
    },
  ],
})

test('a neighbour that the kernel could not resolve is no entry of flannel', (t) => {
  const cluster = withHost(without(healthy(), [2], ALL), 'h1', ({ neighbours }) => ({
    neighbours: [...neighbours, { address: '10.2.2.0', link: 'flannel.1', states: ['FAILED'] }],
  }))
  const codes = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) =>
    findings.map(({ code }) => code),
  )
  t.deepEqual(codes, ['lease/peer:unprogrammed'])
})

test('without the link nothing is said about the entries on it', (t) => {
  const cluster = withHost(without(healthy(), [2, 3], ALL), 'h1', ({ links }) => ({
    links: links.filter(({ name }) => name !== 'flannel.1'),
  }))
  const result = evaluate(cluster, [check], cluster.window.to).find(({ host }) => host === 'h1')
  t.is(result?.outcome, 'inconclusive')
})
