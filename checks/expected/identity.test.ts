import test from 'ava'
import { buildCluster, withHost, withLeases, withoutFact } from '../../fixtures/build.ts'
import { formatPrefix, type Prefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { ClusterSnapshot, HostFacts, HostName } from '../model/snapshot.ts'
import { isExpected } from './expected.ts'
import { clusterContext, expectedHost } from './expected-host.ts'

const VXLAN = buildCluster({ hosts: 3, backend: 'vxlan' })
const HOST_GW = buildCluster({ hosts: 3, backend: 'host-gw' })
const OTHER_ADDRESS = 0xac1400c8

/** `identifiedBy subnet`, or the cause and reason. */
function identity(cluster: ClusterSnapshot, host: HostName = 'h1'): string {
  const found = expectedHost(cluster, host)
  if (!isExpected(found)) return `${found.cause}: ${found.reason}`
  return `${found.identifiedBy} ${formatPrefix(found.lease.subnet)}`
}

function withFlags(cluster: ClusterSnapshot, ...words: readonly string[]): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map((one) => ({ ...one, argv: ['flanneld', ...words] })) },
  }))
}

/** The host moved to another underlay address after its lease was written. */
function readdressed(cluster: ClusterSnapshot, address = OTHER_ADDRESS): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ addresses }) => ({
    addresses: addresses.map((one) =>
      one.link === 'eth0' ? { ...one, address: '172.20.0.200', prefix: { address, length: 16 } } : one,
    ),
  }))
}

function withPublicIp(cluster: ClusterSnapshot, at: number, publicIp: number): ClusterSnapshot {
  return withLeases(cluster, (leases) =>
    leases.map((lease, index) => (index === at ? { ...lease, publicIp } : lease)),
  )
}

function inSubnetEnv(subnet: Prefix) {
  return ({ subnetEnv }: HostFacts) => ({ subnetEnv: { ...subnetEnv, subnet } })
}

test('a lease is recognised by an address of the host', (t) => {
  t.is(identity(VXLAN, 'h2'), 'address 10.2.2.0/24')
  t.is(identity(withFlags(VXLAN)), 'address 10.2.1.0/24')
  t.is(identity(withFlags(VXLAN, '-iface=172.20.0.1')), 'address 10.2.1.0/24')
  t.is(identity(withFlags(VXLAN, '-iface-regex=^172.20.')), 'address 10.2.1.0/24')
  t.is(identity(withFlags(VXLAN, '-iface-regex=^eth')), 'address 10.2.1.0/24')
  t.is(identity(withFlags(VXLAN, '-iface-regex=((1+)+)+x', '-iface-regex=^eth')), 'address 10.2.1.0/24')
  t.is(identity(withFlags(VXLAN, '-iface=gone0')), 'address 10.2.1.0/24')
  t.is(identity(withFlags(VXLAN, '-iface-regex=(', '-iface-can-reach=172.20.0.9')), 'address 10.2.1.0/24')
})

test('the public IP option decides alone', (t) => {
  t.is(identity(withFlags(VXLAN, '-public-ip=172.20.0.1')), 'public-ip-option 10.2.1.0/24')
  t.is(identity(withFlags(VXLAN, '-public-ip=172.20.0.2')), 'public-ip-option 10.2.2.0/24')
  t.is(
    identity(withFlags(VXLAN, '-public-ip=203.0.113.9')),
    'no-lease: no lease has 203.0.113.9 as public IP',
  )
  t.regex(identity(withFlags(VXLAN, '-public-ip=example.org')), /^ambiguous: /)
})

test('a lease that is gone leaves the public IP it should have', (t) => {
  const cluster = withLeases(VXLAN, (leases) => leases.slice(1))
  t.is(identity(cluster), 'no-lease: no lease has 172.20.0.1 as public IP')
  const found = expectedHost(cluster, 'h1')
  t.is(isExpected(found) ? undefined : found.publicIp, 0xac140001)
})

test('after a change of address the MAC of the VTEP still points at the lease', (t) => {
  t.is(identity(readdressed(VXLAN)), 'vtep-mac 10.2.1.0/24')
})

test('without a VTEP subnet.env points at the lease, unless another host has its public IP', (t) => {
  t.is(identity(readdressed(HOST_GW)), 'subnet-env 10.2.1.0/24')
  t.regex(identity(withPublicIp(readdressed(HOST_GW), 0, 0xac140002)), /^no-lease/)
  t.regex(identity(withoutFact(readdressed(HOST_GW), 'h1', { name: 'subnetEnv' })), /^no-lease/)
})

test('a subnet.env of another lease does not win against the address', (t) => {
  const other = withHost(VXLAN, 'h1', inSubnetEnv({ address: 0x0a020201, length: 24 }))
  t.is(identity(other), 'address 10.2.1.0/24')
})

test('a VTEP with another MAC refutes an old subnet.env', (t) => {
  const moved = withHost(readdressed(VXLAN), 'h1', ({ links }) => ({
    links: links.map((link) => (link.name === 'flannel.1' ? { ...link, mac: '0e:00:00:00:00:99' } : link)),
  }))
  t.regex(identity(moved), /^no-lease/)
})

test('a cloned MAC is not taken for another host’s lease', (t) => {
  const cloned = withHost(
    withLeases(VXLAN, (leases) => leases.slice(1)),
    'h1',
    ({ links }) => ({
      links: links.map((link) => (link.name === 'flannel.1' ? { ...link, mac: '0e:2a:00:00:00:02' } : link)),
    }),
  )
  t.is(identity(cloned), 'no-lease: no lease has 172.20.0.1 as public IP')
})

test('of two leases with one public IP subnet.env tells which is whose', (t) => {
  const doubled = withPublicIp(VXLAN, 1, 0xac140001)
  t.is(identity(doubled), 'address 10.2.1.0/24')
  t.is(identity(doubled, 'h2'), 'vtep-mac 10.2.2.0/24')
  t.is(clusterContext(doubled, 0).hostByPublicIp.get(0xac140001), 'h1')
  const found = expectedHost(doubled, 'h3')
  t.deepEqual(isExpected(found) ? found.peers.map(({ name }) => name) : [], ['h1', 'h2'])
})

test('of two leases with one public IP and one MAC what the host uses tells which is its own', (t) => {
  const subnet: Prefix = { address: 0x0a02f000, length: 24 }
  const copied = withLeases(VXLAN, (leases) => [
    ...leases.slice(0, 1).map((lease) => ({ ...lease, subnet })),
    ...leases,
  ])
  t.is(identity(copied), 'address 10.2.1.0/24')
  t.is(identity(withoutFact(copied, 'h1', { name: 'subnetEnv' })), 'address 10.2.1.0/24')
  t.is(identity(withFlags(copied, '-public-ip=172.20.0.1')), 'public-ip-option 10.2.1.0/24')
  t.is(
    identity(withHost(copied, 'h1', inSubnetEnv({ ...subnet, address: 0x0a02f001 }))),
    'address 10.2.240.0/24',
  )
  const found = expectedHost(copied, 'h1')
  t.deepEqual(isExpected(found) ? found.peers.map(({ name }) => name) : [], ['10.2.240.0/24', 'h2', 'h3'])
})

test('a host with two leased addresses takes the one subnet.env names, else the external link’s', (t) => {
  const extra: Prefix = { address: 0xac140003, length: 16 }
  const both = withHost(withFlags(VXLAN), 'h1', ({ addresses, links, subnetEnv: { subnet: _, ...env } }) => ({
    addresses: [
      ...addresses.filter(({ link }) => link === 'eth0'),
      { link: 'eth1', family: 'inet', address: '172.20.0.3', length: 16, prefix: extra, scope: 'global' },
    ],
    links: links.filter(({ name }) => name !== 'flannel.1'),
    subnetEnv: env,
  }))
  t.is(identity(both), 'address 10.2.1.0/24')
  const named = withHost(both, 'h1', inSubnetEnv({ address: 0x0a020301, length: 24 }))
  t.is(identity(named), 'address 10.2.3.0/24')
  const undecided = withoutFact(both, 'h1', { name: 'routes' })
  t.regex(identity(undecided), /^ambiguous: several leases .*10\.2\.1\.0\/24, 10\.2\.3\.0\/24/)
})

test('the container bridge’s address is never a public IP, an underlay inside the network may be', (t) => {
  const bridge: Lease = {
    key: '/coreos.com/network/subnets/10.2.9.0-24',
    subnet: { address: 0x0a020900, length: 24 },
    publicIp: 0x0a020101,
    backendType: 'vxlan',
    vtepMac: '0e:2a:00:00:00:09',
    revision: 9,
  }
  t.is(identity(withLeases(VXLAN, (leases) => [bridge, ...leases])), 'address 10.2.1.0/24')
  const wide = buildCluster({
    hosts: 2,
    backend: 'vxlan',
    config: { network: { address: 0xac000000, length: 8 }, subnetMin: 0xac0a0000, subnetMax: 0xac630000 },
  })
  t.is(identity(wide), 'address 172.10.0.0/24')
})
