import test from 'ava'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import { testCheck } from '../tester.ts'
import { check } from './network-unavailable.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })

const withStatus = (status: string) => () =>
  withNodes(healthy(), (node) =>
    node.name === 'h2'
      ? { ...node, conditions: [{ type: 'NetworkUnavailable', status, reason: 'NoRouteCreated' }] }
      : node,
  )

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'False', cluster: withStatus('False') },
    {
      name: 'a flanneld that sets no condition',
      cluster: () => withNodes(healthy(), (node) => ({ ...node, conditions: [] })),
    },
  ],
  fails: [{ name: 'True', cluster: withStatus('True'), findings: ['h2 unavailable node h2'] }],
})
