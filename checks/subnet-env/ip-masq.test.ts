import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './ip-masq.ts'

const healthy = (ipMasq: boolean) => buildCluster({ hosts: 2, backend: 'vxlan', ipMasq })

testCheck(test, check, {
  passes: [
    { name: 'flannel masquerades', cluster: () => healthy(true) },
    { name: 'Docker masquerades', cluster: () => healthy(false) },
    ...(['host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 2, backend }),
    })),
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [true, false].map((ipMasq) => ({
    name: `-ip-masq=${ipMasq}, the file says the opposite`,
    cluster: () =>
      withHost(healthy(ipMasq), 'h1', ({ subnetEnv }) => ({ subnetEnv: { ...subnetEnv, ipMasq: !ipMasq } })),
    findings: ['h1 differs-from-option FLANNEL_IPMASQ'],
  })),
})

test('without a running flanneld its option is not known', (t) => {
  const cluster = withHost(healthy(true), 'h1', () => ({ flanneld: { processes: [] } }))
  const result = evaluate(cluster, [check], cluster.window.to).find(({ host }) => host === 'h1')
  t.is(result?.outcome, 'inconclusive')
})
