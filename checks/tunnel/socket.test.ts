import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { UdpSocket } from '../model/daemon.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { EARLY_TUNNELS, recordedCases, testCheck } from '../tester.ts'
import { check } from './socket.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const udp = buildCluster({ hosts: 2, backend: 'udp' })

function listening(cluster: ClusterSnapshot, ...sockets: readonly UdpSocket[]): ClusterSnapshot {
  return withHost(cluster, 'h1', () => ({ sockets }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'udp, bound to the interface address', cluster: () => udp },
    {
      name: 'another port',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { port: 4789 } }),
    },
    { name: 'an IPv6 socket for both', cluster: () => listening(vxlan, { address: '::', port: 8472 }) },
    ...recordedCases(EARLY_TUNNELS),
  ],
  fails: [
    {
      name: 'not-listening: the link is down',
      cluster: () => listening(vxlan, { address: '0.0.0.0', port: 68 }),
      findings: ['h1 not-listening UDP port 8472'],
    },
    {
      name: 'flanneld of udp is bound to a former address',
      cluster: () => listening(udp, { address: '172.20.9.9', port: 8285 }),
      findings: ['h1 not-listening UDP port 8285'],
    },
  ],
})
