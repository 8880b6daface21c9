import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import { parseAddress } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './public-ip.ts'

type BackendName = 'vxlan' | 'host-gw' | 'udp'
const BACKENDS: readonly BackendName[] = ['vxlan', 'host-gw', 'udp']

/** The address of h1 changed from 172.20.0.1 while flanneld ran. */
function moved(backend: BackendName): ClusterSnapshot {
  const prefix = { address: parseAddress('172.20.7.7') ?? 0, length: 16 }
  return withHost(buildCluster({ hosts: 2, backend }), 'h1', ({ addresses }) => ({
    addresses: addresses.map((one) =>
      one.link === 'eth0' ? { ...one, address: '172.20.7.7', prefix } : one,
    ),
  }))
}

/** h1 behind a NAT with a public address of its own. */
function behindNat(told = '203.0.113.9'): ClusterSnapshot {
  const publicIp = parseAddress(told) ?? 0
  const cluster = withLeases(buildCluster({ hosts: 2, backend: 'vxlan' }), (leases) =>
    leases.map((lease, at) => (at === 0 ? { ...lease, publicIp } : lease)),
  )
  return withHost(cluster, 'h1', ({ flanneld }) => ({
    flanneld: {
      processes: flanneld.processes.map((one) => ({ ...one, argv: [...one.argv, `-public-ip=${told}`] })),
    },
  }))
}

/** h1 on the user network of its hypervisor; the others, where named, too or beside it. */
function onMachineNat(...publicIps: readonly string[]): ClusterSnapshot {
  const cluster = withLeases(buildCluster({ hosts: 3, backend: 'vxlan' }), (leases) =>
    leases.map((lease, at) => ({ ...lease, publicIp: parseAddress(publicIps[at] ?? '') ?? lease.publicIp })),
  )
  return publicIps.reduce((changed, publicIp, at) => {
    const prefix = { address: parseAddress(publicIp) ?? 0, length: 24 }
    return withHost(changed, `h${at + 1}`, ({ addresses }) => ({
      addresses: addresses.map((one) => (one.link === 'eth0' ? { ...one, address: publicIp, prefix } : one)),
    }))
  }, cluster)
}

/** h1 with an address of h2 as well. */
function withAddressOfPeer(): ClusterSnapshot {
  const cluster = buildCluster({ hosts: 3, backend: 'vxlan' })
  const prefix = { address: parseAddress('172.20.0.2') ?? 0, length: 32 }
  return withHost(cluster, 'h1', ({ addresses }) => ({
    addresses: addresses.flatMap((one) =>
      one.link === 'eth0' ? [one, { ...one, address: '172.20.0.2', length: 32, prefix }] : [one],
    ),
  }))
}

/** h1 with a second link, by which its peers know it. */
function ledToOtherLink(): ClusterSnapshot {
  const publicIp = parseAddress('10.77.0.1') ?? 0
  const cluster = withLeases(buildCluster({ hosts: 3, backend: 'vxlan' }), (leases) =>
    leases.map((lease, at) => (at === 0 ? { ...lease, publicIp } : lease)),
  )
  return withHost(cluster, 'h1', ({ addresses }) => ({
    addresses: addresses.flatMap((one) =>
      one.link === 'eth0'
        ? [
            one,
            {
              ...one,
              link: 'br9',
              address: '10.77.0.1',
              length: 24,
              prefix: { address: publicIp, length: 24 },
            },
          ]
        : [one],
    ),
  }))
}

testCheck(test, check, {
  passes: [
    ...BACKENDS.map((backend) => ({ name: backend, cluster: () => buildCluster({ hosts: 2, backend }) })),
    { name: '-public-ip behind NAT', cluster: () => behindNat() },
    {
      name: '-public-ip in its own network that another machine answers for',
      cluster: () =>
        withHost(behindNat('172.20.0.99'), 'h2', ({ neighbours }) => ({
          neighbours: [
            ...neighbours,
            { address: '172.20.0.99', link: 'eth0', mac: '02:00:00:00:00:99', states: ['STALE'] },
          ],
        })),
    },
    ...recordedCases(['v0.6.2-udp', 'v0.10.0-vxlan']),
    {
      name: 'a real network of these numbers',
      cluster: () => onMachineNat('10.0.2.15', '10.0.2.16', '10.0.2.17'),
    },
  ],
  fails: [
    {
      name: '-public-ip in its own network that nobody has',
      cluster: () => behindNat('172.20.0.99'),
      findings: ['h1 of-nobody public IP 172.20.0.99'],
    },
    {
      name: 'flanneld was led to a link that no peer is on',
      cluster: ledToOtherLink,
      findings: ['h1 other-link public IP 10.77.0.1'],
    },
    {
      name: 'taken: an address of a peer',
      cluster: withAddressOfPeer,
      findings: ['h1 taken address 172.20.0.2'],
    },
    {
      name: 'machine-nat: the address of every machine of its kind',
      cluster: () => onMachineNat('10.0.2.15'),
      findings: ['h1 machine-nat public IP 10.0.2.15'],
    },
    ...BACKENDS.map((backend) => ({
      name: `address changed while flanneld ran, ${backend}`,
      cluster: () => moved(backend),
      findings: ['h1 not-on-host public IP 172.20.0.1'],
    })),
  ],
})

test('without flanneld nobody says whether the address is meant to be elsewhere', (t) => {
  const cluster = withHost(moved('vxlan'), 'h1', () => ({ flanneld: { processes: [] } }))
  const result = evaluate(cluster, [check], cluster.window.to).find(({ host }) => host === 'h1')
  t.is(result?.outcome, 'inconclusive')
})
