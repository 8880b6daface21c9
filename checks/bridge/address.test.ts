import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { withDocker } from '../../fixtures/docker-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { LinkAddress } from '../model/link.ts'
import { testCheck } from '../tester.ts'
import { check } from './address.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const DEFAULT = { address: 0xac110001, length: 16 }
const OWN = { address: 0x0a020101, length: 24 }

function onLink(link: string, text: string, prefix: { address: number; length: number }): LinkAddress {
  return { link, family: 'inet', address: text, length: prefix.length, prefix, scope: 'global' }
}

/** h1 with other addresses on docker0. */
function withBridgeAddress(cluster: typeof vxlan, ...others: readonly LinkAddress[]): typeof vxlan {
  return withHost(cluster, 'h1', ({ addresses }) => ({
    addresses: [...addresses.filter(({ link }) => link !== 'docker0'), ...others],
  }))
}

/** h1 with a second bridge. */
function withBridge(cluster: typeof vxlan, name: string): typeof vxlan {
  return withHost(cluster, 'h1', ({ links }) => ({
    links: [...links, { index: 20, name, kind: 'bridge', mtu: 1450, flags: ['UP'], operstate: 'UP' }],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
    {
      name: 'cni0 serves the subnet beside an unused docker0',
      cluster: () =>
        withBridgeAddress(
          withBridge(vxlan, 'cni0'),
          onLink('docker0', '172.17.0.1', DEFAULT),
          onLink('cni0', '10.2.1.1', OWN),
        ),
    },
    {
      name: 'another Docker network beside',
      cluster: () =>
        withHost(withBridge(vxlan, 'br-1'), 'h1', ({ addresses }) => ({
          addresses: [...addresses, onLink('br-1', '172.18.0.1', DEFAULT)],
        })),
    },
    {
      name: 'a docker0 left over, without port or Docker',
      cluster: () =>
        withHost(withBridgeAddress(vxlan, onLink('docker0', '172.17.0.1', DEFAULT)), 'h1', ({ links }) => ({
          links: links.filter(({ master }) => master === undefined),
        })),
    },
  ],
  fails: [
    {
      name: 'wrong-subnet: Docker started without flannel',
      cluster: () => withDocker(withBridgeAddress(vxlan, onLink('docker0', '172.17.0.1', DEFAULT))),
      findings: ['h1 wrong-subnet link docker0'],
    },
    {
      name: 'wrong-subnet: right address, length of the whole network',
      cluster: () => withBridgeAddress(vxlan, onLink('docker0', '10.2.1.1', { ...OWN, length: 16 })),
      findings: ['h1 wrong-subnet link docker0'],
    },
    { name: 'missing', cluster: () => withBridgeAddress(vxlan), findings: ['h1 missing link docker0'] },
  ],
})
