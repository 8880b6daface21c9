import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { withLegacyRules, withRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './foreign-chains.ts'

const host = () => buildCluster({ hosts: 1, backend: 'vxlan' })

testCheck(test, check, {
  passes: [
    { name: "flannel's own chains", cluster: host },
    { name: 'recorded dockerd', cluster: () => recordedCluster('v0.28.9-vxlan-docker') },
  ],
  fails: [
    {
      name: 'present: chains of kubelet and Calico',
      cluster: () =>
        withRules(
          host(),
          '*filter',
          ':FORWARD ACCEPT [0:0]',
          ':KUBE-FIREWALL - [0:0]',
          ':cali-FORWARD - [0:0]',
          'COMMIT',
        ),
      findings: ['h1 present chains of Calico', 'h1 present chains of Kubernetes (kube-proxy or kubelet)'],
    },
    {
      name: 'present: in the legacy variant only',
      cluster: () => withLegacyRules(host(), '*filter', ':WEAVE-NPC - [0:0]', 'COMMIT'),
      findings: ['h1 present chains of Weave'],
    },
  ],
})
