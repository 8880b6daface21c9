import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './mac.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    {
      name: 'vxlan of v0.6.2',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.6.2' }),
    },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'differs-from-lease after udev replaced it',
      cluster: () =>
        withHost(vxlan, 'h3', ({ links }) => ({
          links: links.map((link) =>
            link.name === 'flannel.1' ? { ...link, mac: '0a:11:11:11:11:11' } : link,
          ),
        })),
      findings: ['h3 differs-from-lease link flannel.1'],
    },
  ],
})
