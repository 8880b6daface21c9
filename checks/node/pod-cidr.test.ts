import test from 'ava'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import { parsePrefix } from '../model/address.ts'
import { present } from '../model/present.ts'
import { testCheck } from '../tester.ts'
import { check } from './pod-cidr.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })

/** The healthy cluster with other podCIDRs on the node of h2. */
function withCidrs(...podCidrs: readonly string[]) {
  const podCidr = podCidrs.map(parsePrefix).find((one) => one !== undefined)
  return () =>
    withNodes(healthy(), (node) => {
      const { podCidr: _, ...rest } = node
      return node.name === 'h2' ? { ...rest, podCidrs, ...present({ podCidr }) } : node
    })
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'the first subnet of the network', cluster: withCidrs('10.2.0.0/24') },
    { name: 'dual stack', cluster: withCidrs('10.2.2.0/24', 'fd00:2::/64') },
    { name: 'podCIDRs of several lengths', cluster: withCidrs('10.2.128.0/22') },
    {
      name: 'a node without podCIDR that is being removed',
      cluster: () =>
        withNodes(withCidrs()(), (node) => (node.name === 'h2' ? { ...node, isLeaving: true } : node)),
    },
  ],
  fails: [
    { name: 'none', cluster: withCidrs(), findings: ['h2 missing node h2'] },
    { name: 'IPv6 alone', cluster: withCidrs('fd00:2::/64'), findings: ['h2 missing node h2'] },
    {
      name: 'outside Network',
      cluster: withCidrs('10.244.1.0/24'),
      findings: ['h2 outside-network node h2'],
    },
    {
      name: 'Network is another than all of theirs',
      cluster: () =>
        withNodes(healthy(), (node) => ({
          ...node,
          podCidrs: node.podCidrs.map((text) => text.replace(/^10\.2\./, '10.244.')),
          ...(node.podCidr && { podCidr: { ...node.podCidr, address: node.podCidr.address + (242 << 16) } }),
        })),
      findings: ['- none-in-network Network'],
    },
    { name: 'the same as another', cluster: withCidrs('10.2.1.0/24'), findings: ['h2 overlapping node h2'] },
    {
      name: 'two of one family',
      cluster: withCidrs('10.2.2.0/24', '10.2.9.0/24'),
      findings: ['h2 several node h2'],
    },
  ],
})
