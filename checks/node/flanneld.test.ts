import test from 'ava'
import { BUILT_AT, withDatastore, withHost } from '../../fixtures/build.ts'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import { evaluate } from '../evaluate.ts'
import type { HaltedContainer, KubernetesStatus, Pod } from '../model/node.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './flanneld.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })

/** The healthy cluster with another pod of flannel on h2, or none, whose flanneld does not run in the network of the node. */
function withPod(change: (pod: Pod) => Pod | undefined): ClusterSnapshot {
  const cluster = withHost(healthy(), 'h2', () => ({ flanneld: { processes: [] } }))
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) return cluster
  const pods = (kubernetes.value.pods ?? []).flatMap((pod) =>
    pod.name === 'kube-flannel-ds-h2' ? (change(pod) ?? []) : pod,
  )
  return withDatastore(cluster, { kubernetes: { ...kubernetes.value, pods } })
}

const withoutPod = (): ClusterSnapshot => withPod(() => undefined)

/** The same with containers that do not run. */
const withHalted = (...halted: readonly HaltedContainer[]): ClusterSnapshot =>
  withPod((pod) => ({ ...pod, halted }))

const WAITS_FOR_INIT = { name: 'kube-flannel', reason: 'PodInitializing' }

/** What is said to be there instead of a flanneld. */
function observedOn(cluster: ClusterSnapshot): unknown {
  const [result] = evaluate(cluster, [check], BUILT_AT)
  return result?.findings.map(({ observed, fix }) => [observed, fix?.includes('logs --previous')])
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    {
      name: 'a container beside that of flannel does not run',
      cluster: () => withHalted({ name: 'calico-node', reason: 'CrashLoopBackOff' }),
    },
    {
      name: 'a pod that waits, and a flanneld that is seen to run',
      cluster: () => {
        const { datastore } = withHalted({ name: 'kube-flannel', reason: 'CrashLoopBackOff' })
        return withDatastore(
          healthy(),
          datastore.kubernetes.known ? { kubernetes: datastore.kubernetes.value } : {},
        )
      },
    },
    {
      name: 'k3s, which runs flannel in its own process',
      cluster: () => withNodes(withoutPod(), (node) => ({ ...node, kubeletVersion: 'v1.30.2+k3s1' })),
    },
  ],
  fails: [
    { name: 'no pod on a node', cluster: withoutPod, findings: ['h2 missing node h2'] },
    {
      name: 'a flanneld that ends again and again',
      cluster: () => withHalted({ name: 'kube-flannel', reason: 'CrashLoopBackOff' }),
      findings: ['h2 missing node h2'],
    },
    {
      name: 'a flanneld with a network of its own',
      cluster: () => withPod((pod) => ({ ...pod, usesHostNetwork: false, ips: ['10.244.1.7'] })),
      findings: ['h2 own-network node h2'],
    },
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

test('a pod that does not run: what its container waits for is told', (t) => {
  const pull = { name: 'install-cni', isInit: true, reason: 'ImagePullBackOff' } as const
  t.deepEqual(observedOn(withHalted(pull, WAITS_FOR_INIT)), [
    ['pod kube-flannel-ds-h2, container install-cni: ImagePullBackOff', true],
  ])
  const ended = { name: 'kube-flannel', reason: 'Error', exitCode: 1 }
  t.deepEqual(observedOn(withHalted(ended)), [
    ['pod kube-flannel-ds-h2, container kube-flannel: Error, exit status 1', true],
  ])
  t.deepEqual(observedOn(withPod((pod) => ({ ...pod, phase: 'Pending' }))), [
    ['pod kube-flannel-ds-h2 is Pending', false],
  ])
})

test('a node without a pod: how many the DaemonSet wants is told, and for which nodes', (t) => {
  const cluster = withoutPod()
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) return t.fail()
  const daemonSets = (kubernetes.value.daemonSets ?? []).map((set) => ({
    ...set,
    desired: 0,
    nodeSelector: 'net=flannel',
  }))
  t.deepEqual(observedOn(withDatastore(cluster, { kubernetes: { ...kubernetes.value, daemonSets } })), [
    ['no pod; it wants 0 for 3 nodes with label net=flannel', false],
  ])
})
