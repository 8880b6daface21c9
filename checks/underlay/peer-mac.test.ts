import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { formatAddress } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './peer-mac.ts'

const STRANGER = '02:66:66:66:66:66'

const healthy = () => buildCluster({ hosts: 3, backend: 'vxlan' })

/** h1 with this MAC for the public IPs of these peers. */
function answered(mac: string, ...peers: number[]): ClusterSnapshot {
  const cluster = healthy()
  const leases = cluster.datastore.leases.known ? cluster.datastore.leases.value.leases : []
  return withHost(cluster, 'h1', ({ neighbours }) => ({
    neighbours: [
      ...neighbours,
      ...peers.map((peer) => {
        const address = formatAddress(leases[peer - 1]?.publicIp ?? 0)
        return { address, link: 'eth0', mac, states: ['REACHABLE'] }
      }),
    ],
  }))
}

/** h2 with the MAC of h1 on its external link. */
function cloned(): ClusterSnapshot {
  const cluster = healthy()
  const facts = cluster.hosts.get('h1')?.facts.links
  const mac = facts?.known ? facts.value.find(({ name }) => name === 'eth0')?.mac : undefined
  return withHost(cluster, 'h2', ({ links }) => ({
    links: links.map((link) => (link.name === 'eth0' && mac !== undefined ? { ...link, mac } : link)),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'each its own', cluster: healthy },
    { name: 'a fabric that answers for all with one MAC', cluster: () => answered(STRANGER, 2, 3) },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'other-machine',
      cluster: () => answered(STRANGER, 2),
      findings: ['h1 other-machine neighbour 172.20.0.2'],
    },
    {
      name: 'duplicate: a cloned machine',
      cluster: cloned,
      findings: ['h1 duplicate MAC 02:00:00:00:00:01'],
    },
  ],
})
