import test from 'ava'
import { BUILT_AT, buildCluster, withConfig, withHost, withLeases } from '../../fixtures/build.ts'
import { formatPrefix } from '../model/address.ts'
import { expected, refused } from './expected-for-tests.ts'
import { clusterContext } from './expected-host.ts'

const VXLAN = buildCluster({ hosts: 3, backend: 'vxlan' })

test('a host expects its peers by name and its own subnet.env', (t) => {
  const state = expected(VXLAN)
  t.deepEqual(
    state.peers.map(({ name, direct }) => [name, direct]),
    [
      ['h2', false],
      ['h3', false],
    ],
  )
  t.is(state.identifiedBy, 'address')
  t.is(formatPrefix(state.subnetEnv.network), '10.2.0.0/16')
  t.is(formatPrefix(state.subnetEnv.subnet), '10.2.1.1/24')
  t.is(state.subnetEnv.mtu, 1450)
  t.true(state.subnetEnv.ipMasq)
  t.deepEqual(state.externalLink, { name: 'eth0', mtu: 1500, address: 0xac140001 })
})

test('a peer outside the inventory is named by its public IP', (t) => {
  const hosts = new Map(VXLAN.hosts)
  hosts.delete('h3')
  t.deepEqual(
    expected({ ...VXLAN, hosts }).peers.map(({ name }) => name),
    ['h2', '172.20.0.3'],
  )
})

test('an unreadable lease makes its subnet unknown', (t) => {
  const cluster = withLeases(VXLAN, (leases) => {
    const [own, peer, broken] = leases
    if (!own || !peer || !broken) throw new Error('three leases are needed')
    const { key, subnet } = broken
    return { leases: [own, peer], unreadable: [{ key, subnet, problem: 'not JSON' }] }
  })
  const state = expected(cluster)
  t.deepEqual(state.unknownSubnets.map(formatPrefix), ['10.2.3.0/24'])
  t.deepEqual(
    state.peers.map(({ name }) => name),
    ['h2'],
  )
  t.like(refused(cluster, 'h3'), { cause: 'unreadable-lease' })
  t.regex(refused(cluster, 'h3').reason, /10\.2\.3\.0\/24 cannot be read: not JSON/)
})

test('a vxlan lease without a MAC programs nothing and makes its subnet unknown', (t) => {
  const cluster = withLeases(VXLAN, (leases) =>
    leases.map(({ vtepMac, ...lease }) =>
      lease.subnet.address === 0x0a020300 || vtepMac === undefined ? lease : { ...lease, vtepMac },
    ),
  )
  const state = expected(cluster)
  t.is(state.fdb.length, 1)
  t.deepEqual(state.unknownSubnets.map(formatPrefix), ['10.2.3.0/24'])
})

for (const backend of ['ipip', 'wireguard', 'ipsec', 'extension', 'unknown'] as const) {
  test(`backend ${backend} has no expected state, with a reason`, (t) => {
    t.deepEqual(refused(withConfig(VXLAN, { backend })), {
      cause: 'unsupported',
      reason: `no expected state is known for backend ${backend}`,
    })
  })
}

test('leases from Kubernetes and hosts outside the snapshot have no expected state', (t) => {
  const cluster = withHost(VXLAN, 'h1', ({ flanneld }) => ({
    flanneld: {
      processes: flanneld.processes.map((one) => ({ ...one, argv: ['flanneld', '-kube-subnet-mgr'] })),
    },
  }))
  t.is(refused(cluster).cause, 'unsupported')
  t.is(refused(VXLAN, 'h9').cause, 'unknown-host')
})

test('native nftables replace the iptables rules from v0.25.0 on', (t) => {
  const state = (version: string) =>
    expected(buildCluster({ hosts: 1, backend: 'vxlan', version, config: { enableNftables: true } }))
  t.like(state('v0.25.0'), { nftables: true, masqueradeRules: [], forwardRules: [] })
  t.is(state('v0.24.0').nftables, undefined)
  t.is(state('v0.24.0').forwardRules?.length, 3)
})

test('alloc has leases and an MTU and nothing else', (t) => {
  const state = expected(withConfig(buildCluster({ hosts: 2, backend: 'udp' }), { backend: 'alloc' }))
  t.like(state, { routes: [], neighbours: [], fdb: [], link: undefined, udpPort: undefined })
  t.is(state.subnetEnv.mtu, 1500)
  t.is(state.peers.length, 1)
})

test('the context names hosts by public IP and carries the clock', (t) => {
  const context = clusterContext(VXLAN, BUILT_AT)
  t.is(context.hostByPublicIp.get(0xac140002), 'h2')
  t.is(context.hostByPublicIp.size, 3)
  t.is(context.now, BUILT_AT)
})

test('a thousand leases each get one route, one neighbour and one FDB entry', (t) => {
  const cluster = buildCluster({
    hosts: 2,
    backend: 'vxlan',
    config: { network: { address: 0x0a000000, length: 8 } },
  })
  const crowded = withLeases(cluster, (leases) => [
    ...leases,
    ...Array.from({ length: 1000 }, (_, index) => ({
      key: `/coreos.com/network/subnets/${index}`,
      subnet: { address: 0x0a100000 + index * 256, length: 24 },
      publicIp: 0xac150000 + index,
      backendType: 'vxlan',
      vtepMac: `0e:aa:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
      revision: 100 + index,
    })),
  ])
  const state = expected(crowded)
  t.deepEqual([state.routes.length, state.neighbours.length, state.fdb.length], [1001, 1001, 1001])
})
