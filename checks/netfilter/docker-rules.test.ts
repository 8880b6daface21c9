import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './docker-rules.ts'

function withDocker(argv: readonly string[], daemonJson: Docker['daemonJson'] = {}): ClusterSnapshot {
  const docker = { running: true, argv: ['dockerd', ...argv], daemonJson, networks: [] }
  return withHost(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', () => ({ docker }))
}

testCheck(test, check, {
  passes: [
    { name: 'no Docker', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    { name: 'dockerd told to leave the firewall alone', cluster: () => withDocker(['--iptables=false']) },
    { name: 'the same in daemon.json', cluster: () => withDocker([], { iptables: 'false' }) },
    {
      name: "Docker's nftables tables",
      cluster: () =>
        withHost(withDocker([]), 'h1', ({ nftables }) => ({
          nftables: { ...nftables, tables: [{ family: 'ip', name: 'docker-bridges' }] },
        })),
    },
    { name: 'recorded dockerd', cluster: () => recordedCluster('v0.28.9-vxlan-docker') },
    { name: 'recorded older dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
  ],
  fails: [
    {
      name: 'missing',
      cluster: () => withDocker(['--bip=10.2.1.1/24']),
      findings: ['h1 missing chain DOCKER'],
    },
  ],
})

test('with a packet filter that could not be read nothing is claimed', (t) => {
  const cluster = withoutFact(withDocker([]), 'h1', { name: 'iptablesLegacy', why: 'not-permitted' })
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})
