/** Rules written as iptables-save prints them, put into one world of a host of a cluster. */

import type { Iptables, Nftables } from '../../../checks/model/netfilter.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { withHost } from '../../../fixtures/build.ts'
import { parseIptablesSave } from './iptables-save.ts'

/** Lines of one dump, `*filter` and `COMMIT` included by the caller where another table is meant. */
function iptablesOf(variant: Iptables['variant'], lines: readonly string[]): Iptables {
  return { ...parseIptablesSave(lines.join('\n')), variant }
}

/** h1 with these lines as its whole iptables-nft world. */
export function withRules(cluster: ClusterSnapshot, ...lines: readonly string[]): ClusterSnapshot {
  return withHost(cluster, 'h1', () => ({ iptables: iptablesOf('nf_tables', lines) }))
}

/** h1 with these lines as its iptables-legacy world. */
export function withLegacyRules(cluster: ClusterSnapshot, ...lines: readonly string[]): ClusterSnapshot {
  return withHost(cluster, 'h1', () => ({ iptablesLegacy: iptablesOf('legacy', lines) }))
}

/** h1 with the rules of its iptables-nft world edited. */
export function withEditedRules(
  cluster: ClusterSnapshot,
  edit: (iptables: Iptables) => Partial<Iptables>,
): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ iptables }) => ({ iptables: { ...iptables, ...edit(iptables) } }))
}

/** A native table with one base chain of priority 0 and these rules, each a list of statements. */
export function nativeTable(
  table: string,
  chain: { readonly hook: string; readonly policy: string; readonly family?: string },
  ...rules: readonly (readonly unknown[])[]
): Nftables {
  const { family = 'inet', hook, policy } = chain
  const place = { family, table }
  return {
    tables: [{ family, name: table }],
    chains: [{ ...place, name: hook, type: 'filter', hook, priority: 0, policy }],
    rules: rules.map((expressions, handle) => ({ ...place, chain: hook, handle, expressions })),
    sets: [],
  }
}
