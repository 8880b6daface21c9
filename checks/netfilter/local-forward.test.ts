import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { withRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './local-forward.ts'

/** A host with a second container on its bridge. */
function two(setting = '1'): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', ({ links, sysctls }) => ({
    links: links.flatMap((link) =>
      link.name === 'vc1' ? [link, { ...link, index: 7, name: 'vc2' }] : [link],
    ),
    sysctls: new Map([...sysctls, ['net.bridge.bridge-nf-call-iptables', setting]]),
  }))
}

const DROP = ['*filter', ':FORWARD DROP [0:0]'] as const

testCheck(test, check, {
  passes: [
    { name: 'two containers', cluster: () => two() },
    { name: 'the setting is off', cluster: () => withRules(two('0'), ...DROP, 'COMMIT') },
    {
      name: 'one container',
      cluster: () => withRules(buildCluster({ hosts: 1, backend: 'vxlan' }), ...DROP, 'COMMIT'),
    },
    {
      name: 'the policy is DROP, Docker accepts its bridge',
      cluster: () => withRules(two(), ...DROP, '-A FORWARD -i docker0 -o docker0 -j ACCEPT', 'COMMIT'),
    },
    { name: 'recorded dockerd', cluster: () => recordedCluster('v0.28.9-vxlan-docker') },
  ],
  fails: [
    {
      name: 'dropped by the policy',
      cluster: () => withRules(two(), ...DROP, 'COMMIT'),
      findings: ['h1 dropped chain iptables-nft filter/FORWARD'],
    },
  ],
})
