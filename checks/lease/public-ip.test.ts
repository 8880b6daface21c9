import test from 'ava'
import { buildCluster, withHost, withLeases, withoutFact } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import { evaluate } from '../evaluate.ts'
import { parseAddress } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { CHECKS } from '../registry.ts'
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

/** A record that nobody uses, copied from that of h1, before or behind it. */
function copied(cluster: ClusterSnapshot, place: 'first' | 'last'): ClusterSnapshot {
  return withLeases(cluster, (leases) => {
    const copy = leases
      .slice(0, 1)
      .map((lease) => ({ ...lease, subnet: { address: 0x0a02f000, length: 24 } }))
    return place === 'first' ? [...copy, ...leases] : [...leases, ...copy]
  })
}

/** h2 is a clone of h1 and has its address and the MAC of its VTEP, but a lease of its own. */
function cloned(cluster: ClusterSnapshot): ClusterSnapshot {
  const [address, text] = [parseAddress('172.20.0.1') ?? 0, '172.20.0.1']
  const mac = '0e:2a:00:00:00:01'
  const leases = withLeases(cluster, (all) =>
    all.map((lease, at) =>
      at === 1 ? { ...lease, publicIp: address, ...(lease.vtepMac && { vtepMac: mac }) } : lease,
    ),
  )
  return withHost(leases, 'h2', ({ addresses, links }) => ({
    addresses: addresses.map((one) =>
      one.link === 'eth0' ? { ...one, address: text, prefix: { address, length: 16 } } : one,
    ),
    links: links.map((link) => (link.name === 'flannel.1' ? { ...link, mac } : link)),
  }))
}

/** Causes above a note, and hosts that are named as their own peer. */
function judged(cluster: ClusterSnapshot) {
  const findings = evaluate(cluster, CHECKS, cluster.window.to).flatMap((result) => result.findings)
  return {
    causes: diagnose(findings).causes.flatMap(({ finding, severity }) =>
      severity === 'info' ? [] : finding.code,
    ),
    ownPeers: findings.flatMap(({ code, subject: { host, peer } }) =>
      host !== undefined && host === peer ? `${code} ${host}` : [],
    ),
  }
}

const DUPLICATE = { causes: ['lease/public-ip:duplicate'], ownPeers: [] }

for (const backend of ['vxlan', 'host-gw', 'udp'] as const) {
  for (const hosts of [1, 2, 3]) {
    for (const complete of [true, false]) {
      const network = { ...buildCluster({ hosts, backend }), complete }
      const all = complete ? 'all' : 'not all'
      test(`a copied record makes no host its own peer, ${backend}, ${hosts} hosts, ${all} given`, (t) => {
        for (const place of ['first', 'last'] as const) {
          const cluster = copied(network, place)
          t.deepEqual(judged(cluster), DUPLICATE, place)
          t.deepEqual(
            judged(withoutFact(cluster, 'h1', { name: 'subnetEnv' })),
            DUPLICATE,
            `${place}, no subnet.env`,
          )
        }
      })
    }
  }

  test(`a clone with a lease of its own makes no host its own peer, ${backend}`, (t) => {
    for (const hosts of [2, 3]) {
      const { causes, ownPeers } = judged(cloned(buildCluster({ hosts, backend })))
      t.is(causes[0], 'lease/public-ip:duplicate')
      t.deepEqual(ownPeers, [])
    }
  })
}
