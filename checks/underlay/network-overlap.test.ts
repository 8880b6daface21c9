import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { onLink } from '../../fixtures/walk-edits-for-tests.ts'
import { parseAddress, parsePrefix } from '../model/address.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import { route } from '../model/route-for-tests.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './network-overlap.ts'

const address = (text: string): number => parseAddress(text) ?? 0
const prefix = (text: string) => parsePrefix(text) ?? { address: 0, length: 0 }

/** Three hosts of 172.20.0.0/16 with a network that holds them. */
function around(config: Partial<NetworkConfig>, version = 'v0.28.9'): ClusterSnapshot {
  return buildCluster({ hosts: 3, backend: 'vxlan', version, config })
}

const SAFE_RANGE: Partial<NetworkConfig> = {
  network: prefix('172.16.0.0/12'),
  subnetMin: address('172.24.0.0'),
  subnetMax: address('172.31.255.0'),
}

/** h1 reaches h2 only by the network-wide route, as before v0.9.0 when the hosts are on different subnets. */
function swallowing(): ClusterSnapshot {
  const overlay = route('172.16.0.0/12', { link: 'flannel.1' })
  return withHost(around(SAFE_RANGE, 'v0.7.1'), 'h1', ({ routes }) => ({
    routes: [
      ...routes.filter(({ destination, table }) => table !== 'main' || destination.length === 0),
      overlay,
    ],
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 3, backend }),
    })),
    { name: 'hosts inside Network, outside the leased range', cluster: () => around(SAFE_RANGE) },
    ...recordedCases(['v0.6.2-vxlan', 'v0.10.0-udp']),
  ],
  fails: [
    {
      name: 'a Docker network that overlaps that of the hosts',
      cluster: () =>
        withHost(buildCluster({ hosts: 3, backend: 'vxlan' }), 'h1', ({ routes, addresses }) => ({
          addresses: [...addresses, onLink('br-x', '172.20.0.1', { address: 0xac140001, length: 30 })],
          routes: [
            ...routes,
            {
              ...{
                destination: prefix('172.20.0.0/30'),
                type: 'unicast',
                table: 'main',
                metric: 0,
                flags: [],
              },
              ...{ link: 'br-x', protocol: 'kernel' },
            },
          ],
        })),
      findings: ['h1 on-two-links route 172.20.0.0/30', 'h1 on-two-links route 172.20.0.0/30'],
    },
    {
      name: 'hosts inside the leased range',
      cluster: () =>
        around({
          network: prefix('172.16.0.0/12'),
          subnetMin: address('172.16.1.0'),
          subnetMax: address('172.31.255.0'),
        }),
      findings: ['h1', 'h2', 'h3'].map((host) => `${host} inside-range underlay`),
    },
    {
      name: 'the network-wide route takes the way to the peers',
      cluster: swallowing,
      findings: ['h1 inside-network network 172.16.0.0/12'],
    },
  ],
})
