import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { LinkAddress } from '../model/link.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './local-address.ts'

const healthy = () => buildCluster({ hosts: 2, backend: 'vxlan' })

function withAddress(address: string, link = 'lo'): ClusterSnapshot {
  const own: LinkAddress = { link, family: 'inet', address, length: 32, scope: 'global' }
  return withHost(healthy(), 'h1', ({ addresses }) => ({ addresses: [...addresses, own] }))
}

testCheck(test, check, {
  passes: [
    { name: 'addresses of their own', cluster: healthy },
    { name: 'another address on lo', cluster: () => withAddress('10.2.1.77') },
    {
      name: 'a container in the network of the host',
      cluster: () =>
        withHost(healthy(), 'h1', ({ containers, addresses }) => ({
          containers: containers.map((container) => ({ ...container, addresses })),
        })),
    },
    {
      name: 'the local route in the table of a VRF',
      cluster: () =>
        withHost(healthy(), 'h1', ({ routes }) => ({
          routes: routes.map((route) => (route.type === 'local' ? { ...route, table: '10' } : route)),
        })),
    },
    {
      name: 'an address of a link that is down has none',
      cluster: () =>
        withHost(withAddress('10.2.1.77', 'vpn0'), 'h1', ({ links }) => ({
          links: [...links, ...links.slice(0, 1).map((one) => ({ ...one, name: 'vpn0', flags: [] }))],
        })),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'missing: the local route of the bridge',
      cluster: () =>
        withHost(healthy(), 'h1', ({ routes }) => ({
          routes: routes.filter(({ type, link }) => type !== 'local' || link !== 'docker0'),
        })),
      findings: ['h1 missing route local 10.2.1.1'],
    },
    {
      name: 'a container has the address of its bridge as well',
      cluster: () =>
        withHost(healthy(), 'h1', ({ containers, addresses }) => ({
          containers: containers.map((container) => ({
            ...container,
            addresses: [
              ...container.addresses,
              ...addresses.flatMap((one) => (one.link === 'docker0' ? [{ ...one, link: 'eth0' }] : [])),
            ],
          })),
        })),
      findings: ['h1 gateway-taken container h1c1'],
    },
    { name: 'captured', cluster: () => withAddress('10.2.1.2'), findings: ['h1 captured container h1c1'] },
  ],
})
