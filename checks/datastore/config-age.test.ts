import test from 'ava'
import { buildCluster, withConfig, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './config-age.ts'

const healthy = () => buildCluster({ hosts: 3, backend: 'vxlan' })

testCheck(test, check, {
  passes: [
    { name: 'defaults', cluster: healthy },
    {
      name: 'custom VNI and port',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { vni: 77, port: 4789 } }),
    },
    {
      name: 'a single host',
      cluster: () => withConfig(buildCluster({ hosts: 1, backend: 'vxlan' }), { vni: 2 }),
    },
    {
      name: 'one host with another port',
      cluster: () =>
        withHost(healthy(), 'h1', ({ links }) => ({
          links: links.map((link) => (link.vxlan ? { ...link, vxlan: { ...link.vxlan, port: 4789 } } : link)),
        })),
    },
    {
      name: 'written again after the start, the same',
      cluster: () => withConfig(healthy(), { revision: 99 }),
    },
    { name: 'recorded v0.28.9', cluster: () => recordedCluster('v0.28.9-vxlan') },
  ],
  fails: [
    {
      name: 'not-read: an MTU that was written after a host had its lease',
      cluster: () => {
        const edited = withConfig(healthy(), { mtu: 1400, revision: 12 })
        const env = { mtu: 1350 }
        return ['h2', 'h3'].reduce(
          (cluster, host) =>
            withHost(cluster, host, ({ subnetEnv }) => ({ subnetEnv: { ...subnetEnv, ...env } })),
          edited,
        )
      },
      findings: ['h1 not-read MTU'],
    },
    {
      name: 'not-read: DirectRouting',
      cluster: () => withConfig(healthy(), { directRouting: true, revision: 12 }),
      findings: ['h1 not-read DirectRouting'],
    },
    {
      name: 'changed-since-start: another VNI',
      cluster: () => withConfig(healthy(), { vni: 2 }),
      findings: ['- changed-since-start VNI'],
    },
    {
      name: 'changed-since-start: another port',
      cluster: () => withConfig(healthy(), { port: 4789 }),
      findings: ['- changed-since-start Port'],
    },
  ],
})
