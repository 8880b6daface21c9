import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { withoutVersion } from '../../fixtures/without-version.ts'
import { nativeTable, withEditedRules, withRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './flannel-forward-rules.ts'
import { check as forward } from './forward.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const nftMode = buildCluster({ hosts: 2, backend: 'vxlan', config: { enableNftables: true } })
const accept = [{ match: {} }, { accept: null }]
const withTable = (host: string) => (cluster: typeof nftMode) =>
  withHost(cluster, host, () => ({
    nftables: nativeTable(
      'flannel-ipv4',
      { family: 'ip', hook: 'forward', policy: 'accept' },
      accept,
      accept,
    ),
  }))

/** flanneld of every host was told to keep no rules. */
function keepingNone(cluster: typeof vxlan): typeof vxlan {
  return [...cluster.hosts.keys()].reduce(
    (edited, host) =>
      withHost(edited, host, ({ flanneld: { processes } }) => ({
        flanneld: {
          processes: processes.map((one) => ({
            ...one,
            argv: [...one.argv, '-iptables-forward-rules=false'],
          })),
        },
      })),
    cluster,
  )
}

test('without a version, missing forward rules are neither passed nor failed', (t) => {
  const flushed = withEditedRules(withoutVersion(vxlan), () => ({ rules: [] }))
  const results = evaluate(flushed, [check], flushed.window.to)
  t.true(results.some(({ outcome }) => outcome === 'inconclusive'))
  t.deepEqual(
    results.flatMap(({ findings }) => findings),
    [],
  )
})

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'a binary that names no version', cluster: () => withoutVersion(vxlan) },
    {
      name: 'a binary that names no version and was told to keep none',
      cluster: () => withEditedRules(keepingNone(withoutVersion(vxlan)), () => ({ rules: [] })),
    },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    { name: 'v0.14.0', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.14.0' }) },
    {
      name: 'v0.20.0 recorded, comments and own chain',
      cluster: () => recordedCluster('v0.20.0-vxlan-missed-lease'),
    },
    { name: 'v0.7.0 recorded, none kept', cluster: () => recordedCluster('v0.7.0-vxlan') },
    { name: 'nftables mode', cluster: () => withTable('h2')(withTable('h1')(nftMode)) },
    {
      name: 'written by the legacy tool',
      cluster: () =>
        withHost(vxlan, 'h1', ({ iptables }) => ({
          iptablesLegacy: { ...iptables, variant: 'legacy' },
          iptables: { variant: 'nf_tables', chains: [], rules: [] },
        })),
    },
  ],
  fails: [
    {
      name: 'missing: flushed',
      cluster: () => withRules(vxlan, '*filter', ':FORWARD ACCEPT [0:0]', 'COMMIT'),
      findings: ['h1 missing chain filter/FORWARD'],
    },
    {
      name: 'missing: one rule of the chain',
      cluster: () =>
        withEditedRules(vxlan, ({ rules }) => ({
          rules: rules.filter(({ chain, words }) => chain !== 'FLANNEL-FWD' || !words.includes('-d')),
        })),
      findings: ['h1 missing chain filter/FLANNEL-FWD'],
    },
    {
      name: 'missing: nftables mode, table lost on h1',
      cluster: () => withTable('h2')(nftMode),
      findings: ['h1 missing table ip flannel-ipv4'],
    },
  ],
})

test('what drops the traffic is the cause, the missing rules are its symptom', (t) => {
  const cluster = withRules(vxlan, '*filter', ':FORWARD DROP [0:0]', 'COMMIT')
  const findings = evaluate(cluster, [forward, check], cluster.window.to).flatMap((result) => result.findings)
  const { causes } = diagnose(findings)
  t.is(causes.length, 1)
  t.is(causes[0]?.finding.code, 'netfilter/forward:drop-policy')
  t.is(causes[0]?.explains[0]?.code, 'netfilter/flannel-forward-rules:missing')
})

test('rules that may stand in a world that could not be read are not missing', (t) => {
  const flushed = withRules(vxlan, '*filter', ':FORWARD ACCEPT [0:0]', 'COMMIT')
  const blind = withoutFact(flushed, 'h1', { name: 'iptablesLegacy', why: 'timed-out' })
  t.is(evaluate(blind, [check], blind.window.to)[0]?.outcome, 'inconclusive')
})
