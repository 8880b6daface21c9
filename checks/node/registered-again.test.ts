import test from 'ava'
import { BUILT_AT } from '../../fixtures/build.ts'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './registered-again.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })

/** The node of h2 without annotations, registered so many seconds ago; its flanneld is an hour old. */
const registered = (secondsAgo: number) => () =>
  withNodes(healthy(), (node) =>
    node.name === 'h2' ? { ...node, annotations: {}, createdAt: BUILT_AT / 1000 - secondsAgo } : node,
  )

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'flanneld younger than the node', cluster: registered(7200) },
    {
      name: 'a younger node with annotations',
      cluster: () => withNodes(healthy(), (node) => ({ ...node, createdAt: BUILT_AT / 1000 - 60 })),
    },
  ],
  fails: [
    { name: 'a minute ago', cluster: registered(60), findings: ['h2 flanneld-older node h2'] },
    {
      name: 'recorded',
      cluster: () => recordedCluster('k8s-v0.28.9-vxlan-node-registered-again'),
      findings: ['h3 flanneld-older node h3'],
    },
  ],
})
