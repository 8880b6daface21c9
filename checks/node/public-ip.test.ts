import test from 'ava'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import type { NodeAnnotations } from '../model/node.ts'
import { testCheck } from '../tester.ts'
import { check } from './public-ip.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })

/** The healthy cluster with further annotations on the node of h2. */
const withAnnotations = (more: NodeAnnotations) => () =>
  withNodes(healthy(), (node) =>
    node.name === 'h2' ? { ...node, annotations: { ...node.annotations, ...more } } : node,
  )

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    {
      name: 'an overwrite with an ExternalIP',
      cluster: () =>
        withNodes(
          withAnnotations({ publicIp: '198.51.100.2', publicIpOverwrite: '198.51.100.2' })(),
          (node) => (node.name === 'h2' ? { ...node, externalIps: ['198.51.100.2'] } : node),
        ),
    },
    { name: 'node-public-ip of a link', cluster: withAnnotations({ nodePublicIp: '172.20.0.2' }) },
    {
      name: 'a node without addresses',
      cluster: () => withNodes(healthy(), (node) => ({ ...node, internalIps: [] })),
    },
  ],
  fails: [
    {
      name: 'node-public-ip with an address of nobody',
      cluster: withAnnotations({ nodePublicIp: '198.51.100.2' }),
      findings: ['h2 told-address-missing node h2'],
    },
    {
      name: 'an overwrite that flanneld has not read',
      cluster: withAnnotations({ publicIpOverwrite: '198.51.100.2' }),
      findings: ['h2 overwrite-not-taken node h2'],
    },
    {
      name: 'an overwrite with a foreign address',
      cluster: withAnnotations({ publicIp: '198.51.100.2', publicIpOverwrite: '198.51.100.2' }),
      findings: ['h2 overwrite-foreign node h2'],
    },
    {
      name: 'another interface',
      cluster: withAnnotations({ publicIp: '10.0.2.15' }),
      findings: ['h2 other-interface node h2'],
    },
  ],
})
