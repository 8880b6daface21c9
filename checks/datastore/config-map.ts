// The manifest keeps net-conf.json in a ConfigMap that the flannel pods mount (kube-flannel.yml). Without it a pod that starts
// waits in Init for its volume; what flanneld cannot use ends it at once ("Failed to create SubnetManager: error parsing
// subnet config", `pkg/subnet/kube/kube.go`, `NewSubnetManager`). Pods that run have read it already and run on.
import { defineClusterCheck } from '../define.ts'

const NOTHING_STARTS = [
  'daemon/process:not-running',
  'daemon/log:net-conf-unusable',
  'node/flanneld:missing',
  'node/annotations:missing',
  'subnet-env/file:missing',
  'link/flannel:missing',
].map((code) => ({ code, when: 'anywhere' }) as const)

export const check = defineClusterCheck({
  id: 'datastore/config-map',
  title: 'ConfigMap of the network configuration',
  backends: 'any',
  needs: ['kubernetes'],
  findings: {
    missing: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'ConfigMap {name}, which the pods of DaemonSet {daemonSet} mount, is not there: those that run go on, no pod of flannel starts any more',
      fix: 'Apply the manifest or chart of flannel again with the Network that FLANNEL_NETWORK in subnet.env of any node says; waiting pods go on by themselves.',
      explains: NOTHING_STARTS,
    },
    refused: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the network configuration cannot be used ({observed}): flanneld that runs goes on, none starts any more',
      fix: 'Mend net-conf.json in the ConfigMap (`kubectl -n {namespace} edit configmap`); FLANNEL_NETWORK in subnet.env of any node says what Network was. Then delete the flannel pods that do not run.',
      explains: NOTHING_STARTS,
    },
  },
  *evaluate({ facts: { kubernetes }, cluster: { snapshot } }) {
    for (const { namespace, name: daemonSet, lackedConfigMap } of kubernetes.daemonSets ?? []) {
      if (lackedConfigMap === undefined) continue
      const name = `${namespace}/${lackedConfigMap}`
      const source = {
        host: '',
        section: 'kubernetes',
        command: `kubectl -n ${namespace} get configmap`,
      } as const
      yield {
        code: 'missing',
        object: `ConfigMap ${name}`,
        expected: 'it is there',
        observed: 'not found',
        evidence: [{ source, excerpt: `no ${lackedConfigMap}`, derived: true }],
        data: { name, daemonSet: `${namespace}/${daemonSet}` },
      }
    }
    const { config } = snapshot.datastore
    if (config.known || config.why !== 'unparsable') return
    const [first] = kubernetes.daemonSets ?? []
    yield {
      code: 'refused',
      object: 'net-conf.json',
      observed: config.detail,
      evidence: [{ source: config.from, excerpt: config.detail, derived: true }],
      data: { namespace: first?.namespace ?? 'kube-flannel' },
    }
  },
})
