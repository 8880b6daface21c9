import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './hairpin.ts'

const healthy = () => buildKubernetes({ hosts: 2, backend: 'vxlan' })

/** The ports of cni0 on h2 with this hairpin mode. */
function withHairpin(hairpin: boolean, flags: readonly string[] = []): ClusterSnapshot {
  return withHost(healthy(), 'h2', ({ links }) => ({
    links: links.map((link) => {
      if (link.name === 'cni0') return { ...link, flags: [...link.flags, ...flags] }
      if (link.master !== 'cni0') return link
      const port = {
        state: 'forwarding',
        learning: true,
        flood: true,
        isolated: false,
        locked: false,
        hairpin,
      }
      return { ...link, bridgePort: port }
    }),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'on', cluster: () => withHairpin(true) },
    { name: 'a promiscuous bridge', cluster: () => withHairpin(false, ['PROMISC']) },
    {
      name: 'a configuration that does not ask for it',
      cluster: () =>
        withHost(withHairpin(false), 'h2', ({ cni }) => ({
          cni: {
            ...cni,
            files: [{ name: '10-flannel.conflist', network: 'cbr0', plugins: [{ type: 'flannel' }] }],
          },
        })),
    },
  ],
  fails: [{ name: 'off', cluster: () => withHairpin(false), findings: ['h2 off link vc1'] }],
})
