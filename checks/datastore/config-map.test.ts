import test from 'ava'
import { withDatastore } from '../../fixtures/build.ts'
import { absent } from '../../fixtures/build-fact.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import type { FlannelDaemonSet } from '../model/node.ts'
import { testCheck } from '../tester.ts'
import { check } from './config-map.ts'

const healthy = () => buildKubernetes({ hosts: 2, backend: 'vxlan' })

function withDaemonSet(changes: Partial<FlannelDaemonSet>) {
  const cluster = healthy()
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) return cluster
  const daemonSets = kubernetes.value.daemonSets?.map((one) => ({ ...one, ...changes })) ?? []
  return withDatastore(cluster, { kubernetes: { ...kubernetes.value, daemonSets } })
}

function withoutConfig(why: 'unparsable' | 'missing') {
  const cluster = healthy()
  const config = absent('config', '', {
    why,
    detail: 'ConfigMap kube-flannel/kube-flannel-cfg: Network is missing',
  })
  return { ...cluster, datastore: { ...cluster.datastore, config } }
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'nobody knows where it is', cluster: () => withoutConfig('missing') },
  ],
  fails: [
    {
      name: 'the mounted one is gone',
      cluster: () => withDaemonSet({ lackedConfigMap: 'kube-flannel-cfg' }),
      findings: ['- missing ConfigMap kube-flannel/kube-flannel-cfg'],
    },
    {
      name: 'it names no Network',
      cluster: () => withoutConfig('unparsable'),
      findings: ['- refused net-conf.json'],
    },
  ],
})
