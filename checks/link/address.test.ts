import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { parsePrefix } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { EARLY_TUNNELS, recordedCases, testCheck } from '../tester.ts'
import { check } from './address.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const first = buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.6.2' })

function inet(text: string, link = 'flannel.1'): LinkAddress {
  const prefix = parsePrefix(text)
  if (!prefix) throw new Error(text)
  return {
    link,
    family: 'inet',
    address: text.split('/')[0] ?? '',
    length: prefix.length,
    prefix,
    scope: 'global',
  }
}

/** The cluster with only these addresses on the flannel link of h1. */
function having(cluster: ClusterSnapshot, ...texts: readonly string[]): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ addresses }) => ({
    addresses: [
      ...addresses.filter(({ link }) => !link.startsWith('flannel')),
      ...texts.map((text) => inet(text)),
      { link: 'flannel.1', family: 'inet6', address: 'fe80::1', length: 64, scope: 'link' },
    ],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan, one address of 32 bits', cluster: () => vxlan },
    { name: 'vxlan of v0.6.2, the length of the network', cluster: () => first },
    {
      name: 'vxlan of v0.7.1',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.7.1' }),
    },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    { name: 'udp of v0.10.0', cluster: () => buildCluster({ hosts: 2, backend: 'udp', version: 'v0.10.0' }) },
    { name: 'a link-local IPv6 address beside', cluster: () => having(vxlan, '10.2.1.0/32') },
    ...recordedCases(EARLY_TUNNELS),
  ],
  fails: [
    { name: 'flushed', cluster: () => having(vxlan), findings: ['h1 missing address 10.2.1.0/32'] },
    {
      name: 'the subnet of another lease',
      cluster: () => having(vxlan, '10.2.9.0/32'),
      findings: ['h1 wrong address 10.2.1.0/32'],
    },
    {
      name: 'v0.6.2 with 32 bits, so without its network route',
      cluster: () => having(first, '10.2.1.0/32'),
      findings: ['h1 wrong address 10.2.1.0/16'],
    },
    {
      name: 'the address of a former lease beside the own one',
      cluster: () => having(vxlan, '10.2.1.0/32', '10.2.9.0/32'),
      findings: ['h1 extra address 10.2.9.0/32'],
    },
    {
      name: 'an address of another network beside the own one',
      cluster: () => having(vxlan, '10.2.1.0/32', '10.244.3.0/32'),
      findings: ['h1 foreign address 10.244.3.0/32'],
    },
  ],
})
