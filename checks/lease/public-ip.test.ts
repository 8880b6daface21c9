import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved-cluster.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import { evaluate } from '../evaluate.ts'
import { parseAddress } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check as own } from './own.ts'
import { check } from './public-ip.ts'

const healthy = (backend: 'vxlan' | 'host-gw' | 'udp' = 'vxlan') => buildCluster({ hosts: 3, backend })

/** The lease of h1 with the public IP of h2, as an edited record has it. */
function edited(cluster: ClusterSnapshot): ClusterSnapshot {
  return withLeases(cluster, (leases) =>
    leases.map((lease, at) => (at === 0 ? { ...lease, publicIp: leases[1]?.publicIp ?? 0 } : lease)),
  )
}

/** h2 has the address of h1, as clones behind one NAT address have: one lease for both. */
function clones(): ClusterSnapshot {
  const cluster = withLeases(healthy('udp'), (leases) => leases.filter((_, at) => at !== 1))
  const address = parseAddress('172.20.0.1') ?? 0
  const first = cluster.hosts.get('h1')?.facts.subnetEnv
  return withHost(cluster, 'h2', ({ addresses, subnetEnv }) => ({
    addresses: addresses.map((one) =>
      one.link === 'eth0' ? { ...one, address: '172.20.0.1', prefix: { address, length: 16 } } : one,
    ),
    subnetEnv: first?.known ? first.value : subnetEnv,
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((name) => ({ name, cluster: () => healthy(name) })),
    {
      name: 'every host has the same address on a second link, none uses it',
      cluster: () =>
        ['h1', 'h2', 'h3'].reduce(
          (cluster, host) =>
            withHost(cluster, host, ({ addresses }) => ({
              addresses: [
                ...addresses,
                {
                  link: 'eth1',
                  family: 'inet',
                  address: '10.0.2.15',
                  length: 24,
                  prefix: { address: parseAddress('10.0.2.15') ?? 0, length: 24 },
                  scope: 'global',
                },
              ],
            })),
          healthy(),
        ),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((name) => ({
      name: `the public IP of another host in a lease, ${name}`,
      cluster: () => edited(healthy(name)),
      findings: ['h2 duplicate public IP 172.20.0.2'],
    })),
    { name: 'two hosts with one address', cluster: clones, findings: ['h1 shared lease 10.2.1.0/24'] },
  ],
})

for (const backend of ['vxlan', 'host-gw', 'udp'] as const) {
  test(`a host without a lease of its own because of a duplicate is a symptom, ${backend}`, (t) => {
    const cluster = edited(healthy(backend))
    const findings = evaluate(cluster, [own, check], cluster.window.to).flatMap((result) => result.findings)
    const { causes } = diagnose(findings)
    t.deepEqual(
      causes.map(({ finding }) => finding.code),
      ['lease/public-ip:duplicate'],
    )
  })
}
