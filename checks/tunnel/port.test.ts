import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './port.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    {
      name: 'port 4789',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { port: 4789 } }),
    },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'one host with the port of the standard: wrong',
      cluster: () =>
        withHost(vxlan, 'h2', ({ links }) => ({
          links: links.map((link) => (link.vxlan ? { ...link, vxlan: { ...link.vxlan, port: 4789 } } : link)),
        })),
      findings: ['h2 wrong link flannel.1'],
    },
  ],
})
