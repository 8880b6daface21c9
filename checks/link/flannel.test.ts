import test from 'ava'
import { buildCluster, withConfig, withHost } from '../../fixtures/build.ts'
import { EARLY_TUNNELS, recordedCases, testCheck } from '../tester.ts'
import { check } from './flannel.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const udp = buildCluster({ hosts: 2, backend: 'udp' })
const without = (name: string) => (facts: { links: readonly { name: string }[] }) => ({
  links: facts.links.filter((link) => link.name !== name) as never,
})

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'udp', cluster: () => udp },
    {
      name: 'a tun link, which has no ARP',
      cluster: () =>
        withHost(udp, 'h1', ({ links }) => ({
          links: links.map((link) =>
            link.kind === 'tun' ? { ...link, flags: [...link.flags, 'NOARP'] } : link,
          ),
        })),
    },
    { name: 'a single host', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    {
      name: 'another VNI',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { vni: 100 } }),
    },
    {
      name: 'another vxlan link beside, down',
      cluster: () =>
        withHost(vxlan, 'h1', ({ links }) => ({
          links: [
            ...links,
            { index: 9, name: 'vxlan7', kind: 'vxlan', mtu: 1450, flags: [], operstate: 'DOWN' },
          ],
        })),
    },
    ...recordedCases(EARLY_TUNNELS),
  ],
  fails: [
    {
      name: 'flannel.1 deleted',
      cluster: () => withHost(vxlan, 'h2', without('flannel.1')),
      findings: ['h2 missing link flannel.1'],
    },
    {
      name: 'flannel0 is of another program and flanneld has flannel1',
      cluster: () =>
        withHost(udp, 'h1', ({ links }) => ({
          links: links.flatMap((link) =>
            link.name === 'flannel0'
              ? [
                  { ...link, flags: ['UP', 'NO-CARRIER'] },
                  { ...link, index: 9, name: 'flannel1' },
                ]
              : [link],
          ),
        })),
      findings: ['h1 unread link flannel0'],
    },
    {
      name: 'the tun link of udp is gone',
      cluster: () => withHost(udp, 'h1', without('flannel0')),
      findings: ['h1 missing link flannel0'],
    },
    {
      name: 'the VNI was changed and no host restarted',
      cluster: () => withConfig(buildCluster({ hosts: 1, backend: 'vxlan' }), { vni: 2 }),
      findings: ['h1 missing link flannel.2'],
    },
    {
      name: 'flannel.1 without ARP',
      cluster: () =>
        withHost(vxlan, 'h1', ({ links }) => ({
          links: links.map((link) =>
            link.name === 'flannel.1' ? { ...link, flags: [...link.flags, 'NOARP'] } : link,
          ),
        })),
      findings: ['h1 arp-off link flannel.1'],
    },
    {
      name: 'flannel.1 set down',
      cluster: () =>
        withHost(vxlan, 'h1', ({ links }) => ({
          links: links.map((link) => (link.name === 'flannel.1' ? { ...link, flags: ['BROADCAST'] } : link)),
        })),
      findings: ['h1 down link flannel.1'],
    },
  ],
})
