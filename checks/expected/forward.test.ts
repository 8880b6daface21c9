import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import { forwardRules } from './forward.ts'

const { datastore } = buildCluster({ hosts: 1, backend: 'vxlan' })
const config = (datastore.config as { readonly value: NetworkConfig }).value

const forward = (version: string | undefined, wanted: boolean | undefined) =>
  forwardRules(version, wanted, config)?.map(({ chain, words }) => `${chain} ${words.join(' ')}`)

function within(chain: string, rules: readonly string[]): string[] {
  return rules.map((rule) => `${chain} ${rule}`)
}

const ACCEPT = ['-s 10.2.0.0/16 -j ACCEPT', '-d 10.2.0.0/16 -j ACCEPT']
const OWN_CHAIN = ['FORWARD -j FLANNEL-FWD', ...within('FLANNEL-FWD', ACCEPT)]
const FORWARD: readonly (readonly [
  version: string | undefined,
  wanted: boolean | undefined,
  rules: readonly string[] | undefined,
])[] = [
  ['v0.6.2', undefined, []],
  ['v0.9.1', true, []],
  ['v0.10.0', undefined, within('FORWARD', ACCEPT)],
  ['v0.11.0', undefined, undefined],
  ['v0.17.0', true, within('FORWARD', ACCEPT)],
  ['v0.17.0', false, []],
  ['v0.20.0', true, OWN_CHAIN],
  ['v0.28.9', true, OWN_CHAIN],
  ['v0.28.9', false, []],
  [undefined, true, undefined],
]

for (const [version, wanted, rules] of FORWARD) {
  test(`${version} with iptables-forward-rules ${wanted} keeps ${rules?.length} forward rules`, (t) => {
    t.deepEqual(forward(version, wanted), rules)
  })
}
