/** Options of the configuration that no flannel knows, and what it says of the two families. */
import { isSince } from '../expected/generation.ts'
import { configEdit, optionNames } from '../heal/config-edit.ts'
import { named } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/** Parts of the names of flannel's own options (`pkg/subnet/config.go`, the backends' own structs). */
const OPTION_WORDS = /net|sub|len|min|max|back|type|vni|port|mtu|gbp|rout|learn|ipv|nft|psk|mode|mac/i

/** Keys that flannel ignores: misspelt options, and notes of people. */
export function* unknownKeys({ unknownKeys: keys }: NetworkConfig, snapshot: ClusterSnapshot) {
  const { heal, data } = optionNames(
    snapshot,
    keys.filter((key) => OPTION_WORDS.test(key)),
  )
  for (const key of keys) {
    const place = { object: named('key', key), observed: key.split('.').at(-1) ?? key }
    if (OPTION_WORDS.test(key)) yield { code: 'unknown-key' as const, ...place, heal, data: { ...data, key } }
    else yield { code: 'foreign-key' as const, ...place, data: { key } }
  }
}

/** What older versions do not read, newer ones refuse. */
export function* familyRefused(
  { familyProblem }: NetworkConfig,
  versions: readonly (string | undefined)[],
  snapshot: ClusterSnapshot,
) {
  const isRead = versions.some((version) => isSince(version, 'v0.15.0') === true)
  if (familyProblem === undefined || !isRead) return
  const { heal, data } = configEdit(
    snapshot,
    { top: { EnableIPv4: true, EnableIPv6: false } },
    'the network is one of IPv4',
  )
  yield { code: 'family-refused' as const, object: 'configuration', observed: familyProblem, heal, data }
}
