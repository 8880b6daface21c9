import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { withNodes } from '../../fixtures/build-kubernetes.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot, HostFacts } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-vtep.ts'

const recorded = () => recordedCluster('k8s-v0.28.9-vxlan-dual-stack')
const onH2 = (edit: (facts: HostFacts) => Partial<HostFacts>) => async (): Promise<ClusterSnapshot> =>
  withHost(await recorded(), 'h2', edit)

testCheck(test, check, {
  passes: [
    { name: 'recorded, both families', cluster: recorded },
    { name: 'recorded, one family', cluster: () => recordedCluster('k8s-v0.28.9-vxlan') },
    {
      name: 'a node without IPv6 podCIDR has a finding of its own',
      cluster: async () =>
        withNodes(await recorded(), (node) => ({ ...node, podCidrs: node.podCidrs.slice(0, 1) })),
    },
  ],
  fails: [
    {
      name: 'the link is gone',
      cluster: onH2(({ links }) => ({ links: links.filter(({ name }) => name !== 'flannel-v6.1') })),
      findings: ['h2 missing link flannel-v6.1'],
    },
    {
      name: 'it is down',
      cluster: onH2(({ links }) => ({
        links: links.map((link) => (link.name === 'flannel-v6.1' ? { ...link, flags: [] } : link)),
      })),
      findings: ['h2 down link flannel-v6.1'],
    },
    {
      name: 'it has no address',
      cluster: onH2(({ addresses }) => ({
        addresses: addresses.filter(({ link, scope }) => link !== 'flannel-v6.1' || scope !== 'global'),
      })),
      findings: ['h2 wrong-address link flannel-v6.1'],
    },
    {
      name: 'udev gave it another MAC',
      cluster: onH2(({ links }) => ({
        links: links.map((link) =>
          link.name === 'flannel-v6.1' ? { ...link, mac: '02:00:00:00:00:99' } : link,
        ),
      })),
      findings: ['h2 wrong-mac link flannel-v6.1'],
    },
    {
      name: 'subnet.env has one family',
      cluster: onH2(({ subnetEnv }) => ({ subnetEnv: { ...subnetEnv, otherLines: [] } })),
      findings: ['h2 subnet-env-differs FLANNEL_IPV6_SUBNET'],
    },
  ],
})
