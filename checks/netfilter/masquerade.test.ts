import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { withoutVersion } from '../../fixtures/without-version.ts'
import { withEditedRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './masquerade.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const older = buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.10.0' })

/** A rule of table nat with the words given. */
function rule(chain: string, match: string) {
  const text = `-A ${chain} ${match}`
  return { table: 'nat', chain, text, words: text.split(' ') }
}

test('without a version, missing rules are neither passed nor failed', (t) => {
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
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    { name: 'v0.10.0', cluster: () => older },
    { name: '-ip-masq off', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', ipMasq: false }) },
    { name: 'v0.6.2 recorded', cluster: () => recordedCluster('v0.6.2-vxlan') },
    { name: 'v0.10.0 recorded, beside real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
    { name: 'v0.20.0 recorded', cluster: () => recordedCluster('v0.20.0-vxlan-missed-lease') },
    {
      name: 'an exemption somebody made for part of the subnet',
      cluster: () =>
        withEditedRules(older, ({ rules }) => ({
          rules: [...rules, rule('POSTROUTING', '-s 10.2.0.0/16 -d 10.2.9.0/28 -j RETURN')],
        })),
    },
  ],
  fails: [
    {
      name: 'missing: table nat flushed',
      cluster: () =>
        withEditedRules(vxlan, ({ rules }) => ({ rules: rules.filter(({ table }) => table !== 'nat') })),
      findings: ['h1 missing chain nat/POSTROUTING'],
    },
    {
      name: 'missing: only the jump',
      cluster: () =>
        withEditedRules(vxlan, ({ rules }) => ({
          rules: rules.filter(({ chain }) => chain !== 'POSTROUTING'),
        })),
      findings: ['h1 missing chain nat/POSTROUTING'],
    },
    {
      name: 'stale-subnet: left behind beside the right one',
      cluster: () =>
        withEditedRules(older, ({ rules }) => ({
          rules: [...rules, rule('POSTROUTING', '! -s 10.2.0.0/16 -d 10.2.77.0/24 -j RETURN')],
        })),
      findings: ['h1 stale-subnet rule -A POSTROUTING ! -s 10.2.0.0/16 -d 10.2.77.0/24 -j RETURN'],
    },
    {
      name: 'stale-subnet: in place of the right one, which is then missing too',
      cluster: () =>
        withEditedRules(older, ({ rules }) => ({
          rules: [
            ...rules.filter(({ text }) => !text.includes('10.2.1.0/24')),
            rule('POSTROUTING', '! -s 10.2.0.0/16 -d 10.2.77.0/24 -j RETURN'),
          ],
        })),
      findings: [
        'h1 missing chain nat/POSTROUTING',
        'h1 stale-subnet rule -A POSTROUTING ! -s 10.2.0.0/16 -d 10.2.77.0/24 -j RETURN',
      ],
    },
  ],
})
