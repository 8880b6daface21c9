import test from 'ava'
import { withLeases } from '../../fixtures/build.ts'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import type { KubernetesNode } from '../model/node.ts'
import { testCheck } from '../tester.ts'
import { check } from './annotations.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })

/** The healthy cluster with the node of h2 changed. */
const withNode = (edit: (node: KubernetesNode) => KubernetesNode) => () =>
  withNodes(healthy(), (node) => (node.name === 'h2' ? edit(node) : node))

const without = ({ annotations, ...node }: KubernetesNode): KubernetesNode => ({ ...node, annotations: {} })

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'host-gw', cluster: () => buildKubernetes({ hosts: 2, backend: 'host-gw' }) },
    {
      name: 'a node that has just joined',
      cluster: withNode((node) => ({ ...without(node), conditions: [] })),
    },
    {
      name: 'a node that is being removed',
      cluster: withNode((node) => ({ ...without(node), isLeaving: true })),
    },
    {
      name: 'a node that is younger than its flanneld',
      cluster: withNode((node) => ({ ...without(node), createdAt: 1_789_999_000 })),
    },
  ],
  fails: [
    {
      name: 'a node that is Ready has none',
      cluster: withNode(without),
      findings: ['h2 missing node h2'],
    },
    {
      name: 'one was taken',
      cluster: withNode(({ annotations: { backendData: _, ...annotations }, ...node }) => ({
        ...node,
        annotations,
      })),
      findings: ['h2 incomplete node h2'],
    },
    {
      name: 'one that is no address',
      cluster: () =>
        withLeases(healthy(), (leases) => ({
          leases: leases.filter(({ node }) => node !== 'h2'),
          unreadable: [{ key: 'node/h2', problem: 'its annotation public-ip "eth0" is not an IPv4 address' }],
        })),
      findings: ['h2 unreadable node h2'],
    },
    {
      name: 'another prefix',
      cluster: withNode((node) => ({ ...without(node), otherPrefixes: ['flannel.example.com/'] })),
      findings: ['h2 other-prefix node h2'],
    },
  ],
})
