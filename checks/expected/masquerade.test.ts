import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import type { Lease, LeaseTable } from '../model/lease.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import { masqueradeRules } from './masquerade.ts'

const { datastore } = buildCluster({ hosts: 1, backend: 'vxlan' })
const config = (datastore.config as { readonly value: NetworkConfig }).value
const { leases } = (datastore.leases as { readonly value: LeaseTable }).value
const [lease] = leases as readonly [Lease]

const masquerade = (version: string | undefined, ipMasq: boolean | undefined) =>
  masqueradeRules(version, ipMasq, { config, lease })?.map(
    ({ chain, words }) => `${chain} ${words.join(' ')}`,
  )

const NETWORK_RULES = [
  '-s 10.2.0.0/16 -d 10.2.0.0/16 -j RETURN',
  '-s 10.2.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE',
  '! -s 10.2.0.0/16 -d 10.2.1.0/24 -j RETURN',
  '! -s 10.2.0.0/16 -d 10.2.0.0/16 -j MASQUERADE',
]
const SUBNET_RULES = [
  '-s 10.2.1.0/24 -d 10.2.0.0/16 -j RETURN',
  '-s 10.2.0.0/16 -d 10.2.1.0/24 -j RETURN',
  '! -s 10.2.0.0/16 -d 10.2.1.0/24 -j RETURN',
  '-s 10.2.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE',
  '! -s 10.2.0.0/16 -d 10.2.0.0/16 -j MASQUERADE',
]
const JUMP = 'POSTROUTING -j FLANNEL-POSTRTG'
const MARK = 'FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -j RETURN'

function within(chain: string, rules: readonly string[]): string[] {
  return rules.map((rule) => `${chain} ${rule}`)
}

const withoutThird = NETWORK_RULES.filter((_, index) => index !== 2)
const MASQUERADE: readonly (readonly [version: string, rules: readonly string[]])[] = [
  ['v0.6.2', within('POSTROUTING', withoutThird)],
  ['v0.7.1', within('POSTROUTING', withoutThird)],
  ['v0.8.0', within('POSTROUTING', NETWORK_RULES)],
  ['v0.10.0', within('POSTROUTING', NETWORK_RULES)],
  ['v0.17.0', within('POSTROUTING', NETWORK_RULES)],
  ['v0.20.0', [JUMP, ...within('FLANNEL-POSTRTG', NETWORK_RULES)]],
  ['v0.20.2', [JUMP, MARK, ...within('FLANNEL-POSTRTG', NETWORK_RULES)]],
  ['v0.21.0', [JUMP, MARK, ...within('FLANNEL-POSTRTG', SUBNET_RULES)]],
  ['v0.28.9', [JUMP, MARK, ...within('FLANNEL-POSTRTG', SUBNET_RULES)]],
]

for (const [version, rules] of MASQUERADE) {
  test(`${version} masquerades with ${rules.length} rules`, (t) => {
    t.deepEqual(masquerade(version, true), rules)
  })
}

test('no masquerade rules without -ip-masq, unknown ones without version or flag', (t) => {
  t.deepEqual(masquerade('v0.28.9', false), [])
  t.deepEqual(masquerade(undefined, false), [])
  t.is(masquerade(undefined, true), undefined)
  t.is(masquerade('dev', true), undefined)
  t.is(masquerade('v0.28.9', undefined), undefined)
})
