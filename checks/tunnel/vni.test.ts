import test from 'ava'
import { buildCluster, withConfig, withHost } from '../../fixtures/build.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './vni.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'VNI 100', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { vni: 100 } }) },
    {
      name: 'the VTEP of another flannel network beside',
      cluster: () =>
        withHost(vxlan, 'h1', ({ links }) => ({
          links: links.flatMap((link) =>
            link.vxlan
              ? [
                  link,
                  { ...link, name: 'flannel.7', mac: '0a:77:77:77:77:77', vxlan: { ...link.vxlan, vni: 7 } },
                ]
              : [link],
          ),
        })),
    },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'a link made by hand: wrong',
      cluster: () =>
        withHost(vxlan, 'h2', ({ links }) => ({
          links: links.map((link) => (link.vxlan ? { ...link, vxlan: { ...link.vxlan, vni: 2 } } : link)),
        })),
      findings: ['h2 wrong link flannel.1'],
    },
    {
      name: 'the configuration was changed, the host not restarted',
      cluster: () => withConfig(buildCluster({ hosts: 1, backend: 'vxlan' }), { vni: 2 }),
      findings: ['h1 wrong link flannel.1'],
    },
  ],
})
