import test from 'ava'
import { withDatastore, withHost } from '../../fixtures/build.ts'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import { evaluate } from '../evaluate.ts'
import type { KubernetesStatus } from '../model/node.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './flanneld.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })

/** The healthy cluster without the flannel pod of h2, nor its process. */
function withoutPod(): ClusterSnapshot {
  const cluster = withHost(healthy(), 'h2', () => ({ flanneld: { processes: [] } }))
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) return cluster
  const pods = (kubernetes.value.pods ?? []).filter(({ name }) => name !== 'kube-flannel-ds-h2')
  return withDatastore(cluster, { kubernetes: { ...kubernetes.value, pods } })
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    {
      name: 'k3s, which runs flannel in its own process',
      cluster: () => withNodes(withoutPod(), (node) => ({ ...node, kubeletVersion: 'v1.30.2+k3s1' })),
    },
  ],
  fails: [
    { name: 'no pod on a node', cluster: withoutPod, findings: ['h2 missing node h2'] },
    {
      name: 'a flanneld without a node',
      cluster: () => withNodes(healthy(), (node) => (node.name === 'h2' ? undefined : node)),
      findings: ['h2 without-node flanneld'],
    },
  ],
})

test('pods that may not be listed: it is not known', (t) => {
  const cluster = withoutPod()
  const { kubernetes } = cluster.datastore
  const { pods: _, ...rest } = kubernetes.known ? kubernetes.value : ({} as KubernetesStatus)
  const [result] = evaluate(withDatastore(cluster, { kubernetes: rest }), [check], 0)
  t.like(result, { outcome: 'inconclusive', findings: [] })
})
