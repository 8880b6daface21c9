import test from 'ava'
import { buildCluster, withConfig, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './br-netfilter.ts'

const SETTING = 'net.bridge.bridge-nf-call-iptables'

function unloaded(version = 'v0.28.9'): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 1, backend: 'vxlan', version }), 'h1', ({ sysctls }) => ({
    sysctls: new Map([...sysctls].filter(([name]) => name !== SETTING)),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'the module is loaded', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    { name: 'v0.25.7 does not need it', cluster: () => unloaded('v0.25.7') },
    {
      name: 'nftables mode does not need it',
      cluster: () => withConfig(unloaded(), { enableNftables: true }),
    },
    { name: 'recorded v0.28.9', cluster: () => recordedCluster('v0.28.9-vxlan') },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [{ name: 'missing on v0.28.9', cluster: () => unloaded(), findings: [`h1 missing ${SETTING}`] }],
})

test('without a process the version is unknown and nothing is claimed', (t) => {
  const cluster = withHost(unloaded(), 'h1', () => ({ flanneld: { processes: [] } }))
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})
