import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './local-address.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const former = { link: 'eth0', family: 'inet', address: '172.20.9.9', length: 16, scope: 'global' } as const

/** The cluster with another source address of the VTEP of h1. */
function from(cluster: ClusterSnapshot, local: string): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ links }) => ({
    links: links.map((link) => (link.vxlan ? { ...link, vxlan: { ...link.vxlan, local } } : link)),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    {
      name: 'the interface address of v0.20.2',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.20.2' }),
    },
    {
      name: 'another address of the external link',
      cluster: () =>
        from(
          withHost(vxlan, 'h1', ({ addresses }) => ({ addresses: [...addresses, former] })),
          '172.20.9.9',
        ),
    },
    {
      name: 'no source set',
      cluster: () =>
        withHost(vxlan, 'h1', ({ links }) => ({
          links: links.map((link) => {
            if (!link.vxlan) return link
            const { local: _, ...vxlan } = link.vxlan
            return { ...link, vxlan }
          }),
        })),
    },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'the address of the host changed: not-on-host',
      cluster: () => from(vxlan, '172.20.9.9'),
      findings: ['h1 not-on-host link flannel.1'],
    },
    {
      name: 'the address of the bridge: wrong',
      cluster: () => from(vxlan, '10.2.1.1'),
      findings: ['h1 wrong link flannel.1'],
    },
  ],
})

test('a flanneld that was told its public IP is not sent to be restarted', (t) => {
  const moved = withHost(vxlan, 'h1', ({ addresses }) => ({
    addresses: addresses.map((one) => (one.link === 'eth0' ? { ...one, address: '172.20.9.9' } : one)),
  }))
  const told = withHost(moved, 'h1', ({ flanneld, links }) => {
    const option = `-public-ip=${links.find(({ vxlan: own }) => own)?.vxlan?.local}`
    return {
      flanneld: { processes: flanneld.processes.map((one) => ({ ...one, argv: [...one.argv, option] })) },
    }
  })
  for (const [cluster, fix] of [
    [moved, /restart flanneld/],
    [told, /was given -public-ip=/],
  ] as const) {
    const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
    t.regex(finding?.fix ?? '', fix)
    t.is(finding?.fixes.length, cluster === told ? 0 : 1)
  }
})
