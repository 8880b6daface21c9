import test from 'ava'
import { withConfig } from '../../fixtures/build.ts'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { KubernetesNode } from '../model/node.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './dual-stack.ts'

/** A cluster of both families, with some nodes changed. */
function dual(edit: (node: KubernetesNode) => KubernetesNode = (node) => node): ClusterSnapshot {
  const cluster = withConfig(buildKubernetes({ hosts: 2, backend: 'vxlan' }), { enableIpv6: true })
  return withNodes(cluster, (node) =>
    edit({
      ...node,
      podCidrs: [...node.podCidrs, `fd00:${node.name.slice(1)}::/64`],
      annotations: { ...node.annotations, publicIpv6: '2001:db8::1', backendV6Data: '{}' },
    }),
  )
}

const onH2 = (edit: (node: KubernetesNode) => KubernetesNode) => () =>
  dual((node) => (node.name === 'h2' ? edit(node) : node))

testCheck(test, check, {
  passes: [
    { name: 'vxlan without IPv6', cluster: () => buildKubernetes({ hosts: 2, backend: 'vxlan' }) },
    { name: 'both families', cluster: () => dual() },
    {
      name: 'recorded k8s-v0.28.9-vxlan-dual-stack',
      cluster: () => recordedCluster('k8s-v0.28.9-vxlan-dual-stack'),
    },
    { name: 'a node that leaves', cluster: onH2((node) => ({ ...node, isLeaving: true, podCidrs: [] })) },
  ],
  fails: [
    {
      name: 'IPv4 alone',
      cluster: onH2((node) => ({ ...node, podCidrs: node.podCidrs.slice(0, 1) })),
      findings: ['h2 pod-cidr-missing node h2'],
    },
    {
      name: 'no IPv6 address is published',
      cluster: onH2(({ annotations: { publicIpv6: _, ...rest }, ...node }) => ({
        ...node,
        annotations: rest,
      })),
      findings: ['h2 annotations-missing node h2'],
    },
    {
      name: 'no VTEP is published',
      cluster: onH2(({ annotations: { backendV6Data: _, ...rest }, ...node }) => ({
        ...node,
        annotations: rest,
      })),
      findings: ['h2 annotations-missing node h2'],
    },
  ],
})
