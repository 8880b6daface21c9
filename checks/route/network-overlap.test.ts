import test from 'ava'
import { buildCluster, withConfig, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { parseAddress, parsePrefix } from '../model/address.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './network-overlap.ts'

const healthy = () => buildCluster({ hosts: 3, backend: 'vxlan' })

function withBridge(network: string, rest: Partial<Route> = {}): ClusterSnapshot {
  const destination = parsePrefix(network) ?? { address: 0, length: 0 }
  const shared = { type: 'unicast', table: 'main', protocol: 'kernel', metric: 0, flags: [] }
  return withHost(healthy(), 'h1', ({ routes }) => ({
    routes: [...routes, { destination, link: 'br-0123456789ab', ...shared, ...rest }],
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: `no other network, ${backend}`,
      cluster: () => buildCluster({ hosts: 3, backend }),
    })),
    {
      name: 'vxlan of v0.6.2',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.6.2' }),
    },
    { name: 'a Docker network elsewhere', cluster: () => withBridge('172.18.0.0/16') },
    { name: 'a network around the flannel network', cluster: () => withBridge('10.0.0.0/8') },
    { name: 'a part of the own subnet', cluster: () => withBridge('10.2.1.128/25') },
    { name: 'a subnet that a peer has', cluster: () => withBridge('10.2.2.0/24') },
    {
      name: 'a route of flannel',
      cluster: () => withBridge('10.2.9.0/24', { gateway: 1, protocol: 'boot' }),
    },
    {
      name: 'outside SubnetMin to SubnetMax',
      cluster: () => withConfig(withBridge('10.2.200.0/24'), { subnetMax: parseAddress('10.2.99.0') ?? 0 }),
    },
    { name: 'recorded with dockerd', cluster: () => recordedCluster('v0.28.9-vxlan-docker') },
  ],
  fails: [
    {
      name: 'overlapping: a Docker network in the range',
      cluster: () => withBridge('10.2.128.0/20'),
      findings: ['h1 overlapping route 10.2.128.0/20'],
    },
  ],
})
