/**
 * The packet filters of one host from its facts: iptables-nft, iptables-legacy and native
 * nft. A host without the iptables or the nft tool has that world left out; any other absence is reported.
 */
import type { Iptables } from '../../model/netfilter.ts'
import type { ClusterSnapshot, Fact, HostName, HostSnapshot, Source } from '../../model/snapshot.ts'
import { iptablesTables } from './iptables.ts'
import { nftTables } from './nftables.ts'
import type { FilterTable, World } from './rule.ts'

export interface HostFilters {
  readonly tables: readonly FilterTable[]
  /** Worlds that could not be read although they may hold rules, as sentences. */
  readonly unread: readonly string[]
  readonly sources: Readonly<Partial<Record<World, Source>>>
}

export type FilterFacts = Pick<HostSnapshot['facts'], 'iptables' | 'iptablesLegacy' | 'nftables'>

const memo = new WeakMap<HostSnapshot, HostFilters>()

function unreadReason(name: string, fact: Fact<unknown>, isOnly: boolean): string[] {
  if (fact.known) return []
  // The legacy tool is only asked for where the kernel has legacy tables: its absence hides rules.
  const isAbsentTool = name !== 'iptablesLegacy' && fact.why === 'not-installed'
  return isAbsentTool && !isOnly ? [] : [`${name} ${fact.why}: ${fact.detail}`]
}

/**
 * True when `iptables-save` itself shows the legacy world, so that it must not be counted
 * twice. A dump without a chain does not tell which world it is.
 */
export function isLegacyWorld(iptables: Fact<Iptables>): boolean {
  return iptables.known && iptables.value.variant === 'legacy' && iptables.value.chains.length > 0
}

/** The filters that the three facts of a host show. */
export function readFilters({ iptables, iptablesLegacy, nftables }: FilterFacts): HostFilters {
  const isLegacyTwice = isLegacyWorld(iptables)
  const worlds = [iptables, ...(isLegacyTwice ? [] : [iptablesLegacy])].flatMap((fact) =>
    fact.known ? iptablesTables(fact.value) : [],
  )
  const owned = new Set(worlds.filter(({ world }) => world === 'iptables-nft').map(({ name }) => name))
  const native = nftables.known ? nftTables(nftables.value, owned) : []
  const isNothingKnown = !iptables.known && !iptablesLegacy.known && !nftables.known
  return {
    tables: [...worlds, ...native],
    unread: [
      ...unreadReason('iptables', iptables, isNothingKnown),
      ...(isLegacyTwice ? [] : unreadReason('iptablesLegacy', iptablesLegacy, isNothingKnown)),
      ...unreadReason('nftables', nftables, isNothingKnown),
    ],
    sources: {
      [isLegacyTwice ? 'iptables-legacy' : 'iptables-nft']: iptables.from,
      ...(!isLegacyTwice && { 'iptables-legacy': iptablesLegacy.from }),
      nft: nftables.from,
    },
  }
}

/** The filters of a host of the snapshot, compiled once per snapshot. */
export function hostFilters(snapshot: ClusterSnapshot, host: HostName): HostFilters {
  const found = snapshot.hosts.get(host)
  if (found === undefined) return { tables: [], unread: [`host ${host} was not collected`], sources: {} }
  const known = memo.get(found)
  if (known) return known
  const filters = readFilters(found.facts)
  memo.set(found, filters)
  return filters
}
