import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { withEditedRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './container-masquerade.ts'

const masqOn = withDocker(buildCluster({ hosts: 2, backend: 'vxlan' }))
const older = withDocker(buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.10.0' }))
const masqOff = withDocker(buildCluster({ hosts: 2, backend: 'vxlan', ipMasq: false }))

/** h1 with dockerd running on docker0. */
function withDocker(cluster: ClusterSnapshot): ClusterSnapshot {
  const subnets = [{ address: 0x0a020100, length: 24 }]
  const networks = [{ name: 'bridge', id: 'b0', bridge: 'docker0', subnets }]
  return withHost(cluster, 'h1', () => ({
    docker: { running: true, argv: ['dockerd'], daemonJson: {}, networks },
  }))
}

/** The rule dockerd adds for its bridge. */
function withDockerRule(cluster: ClusterSnapshot, place: 'first' | 'last' = 'last'): ClusterSnapshot {
  const text = '-A POSTROUTING -s 10.2.1.0/24 ! -o docker0 -j MASQUERADE'
  const rule = { table: 'nat', chain: 'POSTROUTING', text, words: text.split(' ') }
  return withEditedRules(cluster, ({ rules }) => ({
    rules: place === 'first' ? [rule, ...rules] : [...rules, rule],
  }))
}

testCheck(test, check, {
  passes: [
    {
      name: 'no Docker, -ip-masq off',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', ipMasq: false }),
    },
    { name: 'flanneld masquerades', cluster: () => masqOn },
    { name: 'Docker masquerades', cluster: () => withDockerRule(masqOff) },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
  ],
  fails: [
    { name: 'none', cluster: () => masqOff, findings: ['h1 none subnet 10.2.1.0/24'] },
    {
      name: 'double, harmless behind the exemption of v0.10.0, which ends the chain',
      cluster: () => withDockerRule(older),
      findings: ['h1 double rule -A POSTROUTING -s 10.2.1.0/24 ! -o docker0 -j MASQUERADE'],
    },
    {
      name: "double, behind flannel's own chain, from which its exemption only returns",
      cluster: () => withDockerRule(masqOn),
      findings: [
        'h1 double rule -A POSTROUTING -s 10.2.1.0/24 ! -o docker0 -j MASQUERADE',
        'h1 hides-source rule -A POSTROUTING -s 10.2.1.0/24 ! -o docker0 -j MASQUERADE',
      ],
    },
    {
      name: 'a rule of somebody before the exemption, without Docker',
      cluster: () => withDockerRule(buildCluster({ hosts: 2, backend: 'vxlan' }), 'first'),
      findings: ['h1 hides-source rule -A POSTROUTING -s 10.2.1.0/24 ! -o docker0 -j MASQUERADE'],
    },
  ],
})

test('both at once is worth knowing and no fault', (t) => {
  const cluster = withDockerRule(older)
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.findings[0]?.severity, 'info')
})

/** The bridge of h1 under another name, as that of Docker's default network or of one that somebody created. */
function withBridge(bridge: string, network: 'bridge' | 'flannel'): ClusterSnapshot {
  const subnets = [{ address: 0x0a020100, length: 24 }]
  const created = network === 'bridge' ? [] : [{ name: 'bridge', id: 'b0', bridge: 'docker1', subnets: [] }]
  const renamed = withHost(masqOn, 'h1', ({ links, addresses, routes, containers, fdb, neighbours }) =>
    JSON.parse(
      JSON.stringify({ links, addresses, routes, containers, fdb, neighbours }).replaceAll('docker0', bridge),
    ),
  )
  const networks = [...created, { name: network, id: 'n0', bridge, subnets }]
  const cluster = withHost(renamed, 'h1', ({ docker }) => ({ docker: { ...docker, networks } }))
  return withDockerRule(cluster)
}

const fixFor = (cluster: ClusterSnapshot): string | undefined =>
  evaluate(cluster, [check], cluster.window.to)
    .flatMap((result) => result.findings)
    .find(({ code }) => code === 'netfilter/container-masquerade:hides-source')?.fix

test('the option of dockerd is told for its default bridge only, whatever either bridge is called', (t) => {
  for (const bridge of ['docker0', 'flannelbr', 'br-000000000001']) {
    t.regex(fixFor(withBridge(bridge, 'bridge')) ?? '', /start dockerd with --ip-masq=false/, bridge)
    const ofNetwork = fixFor(withBridge(bridge, 'flannel')) ?? ''
    t.true(ofNetwork.startsWith(`Create the Docker network of ${bridge} again`), ofNetwork)
  }
})
