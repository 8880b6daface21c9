/**
 * The packet filters of one host from its facts: iptables-nft, iptables-legacy and native
 * nft. A host without the iptables or the nft tool has that world left out; any other absence is reported.
 */
import type { Iptables } from '../../model/netfilter.ts'
import type { ClusterSnapshot, Fact, HostName, HostSnapshot, Source } from '../../model/snapshot.ts'
import { hasChainsAt } from './base-chains.ts'
import { iptablesTables, worldOf } from './iptables.ts'
import { iptablesTablesInNft } from './iptables-in-nft.ts'
import { writesConnmark } from './iptables-target.ts'
import { writesConnmark as writesConnectionMark } from './nft-statement.ts'
import { nftTables } from './nftables.ts'
import type { Family, FilterTable, Hook, World } from './rule.ts'

export interface HostFilters {
  readonly tables: readonly FilterTable[]
  /** True where rules write marks of connections: what a packet's connection carries is then not known. */
  readonly setsConnmark: boolean
  /** Worlds that could not be read although they may hold rules, as sentences. */
  readonly unread: readonly string[]
  readonly sources: Readonly<Partial<Record<World, Source>>>
}

export interface FilterFacts extends Pick<HostSnapshot['facts'], 'iptables' | 'iptablesLegacy' | 'nftables'> {
  readonly ipsets?: HostSnapshot['facts']['ipsets']
}

const memo = new WeakMap<HostSnapshot, HostFilters>()

/** Why rules may be hidden; the legacy tool is only asked where the kernel has legacy tables, so that its absence hides rules. */
function unreadReason(name: string, fact: Fact<unknown>, isNeeded: boolean): string[] {
  if (fact.known || fact.why === 'not-applicable') return []
  return fact.why === 'not-installed' && !isNeeded ? [] : [`${name} ${fact.why}: ${fact.detail}`]
}

/**
 * True when `iptables-save` itself shows the legacy world, so that it must not be counted
 * twice. A dump without a chain does not tell which world it is.
 */
export function isLegacyWorld(iptables: Fact<Iptables>): boolean {
  return iptables.known && iptables.value.variant === 'legacy' && iptables.value.chains.length > 0
}

function setsConnmark({ iptables, iptablesLegacy, nftables }: FilterFacts): boolean {
  const saved = [iptables, iptablesLegacy].flatMap((fact) => (fact.known ? fact.value.rules : []))
  const native = nftables.known ? nftables.value.rules : []
  return (
    saved.some(({ words }) => writesConnmark(words.slice(words.indexOf('-j')))) ||
    native.some(({ expressions }) => expressions.some(writesConnectionMark))
  )
}

/** Every table of the host, each once: what nft shows is what is in the kernel, so it goes before iptables-save. */
function tablesOf(
  { iptables, iptablesLegacy, nftables, ipsets: sets }: FilterFacts,
  family: Family,
): readonly FilterTable[] {
  const ipsets = sets?.known ? sets.value : undefined
  const context = { ipsets, family }
  const saved = iptables.known ? iptables.value : undefined
  const isLegacyTwice = isLegacyWorld(iptables)
  const legacyFact = isLegacyTwice ? iptables : iptablesLegacy
  const legacy = legacyFact.known ? iptablesTables(legacyFact.value, context) : []
  const nftSaved = isLegacyTwice ? undefined : saved
  if (!nftables.known) return [...(nftSaved ? iptablesTables(nftSaved, context) : []), ...legacy]
  const inNft = iptablesTablesInNft({ nftables: nftables.value, saved: nftSaved, ...context })
  // A recording may hold the rules of iptables-nft without those of nft.
  const missing = (nftSaved ? iptablesTables(nftSaved, context) : []).filter(
    ({ name }) => !nftables.value.tables.some((table) => table.family === family && table.name === name),
  )
  const owned = new Set(inNft.map(({ name }) => name))
  return [...inNft, ...missing, ...legacy, ...nftTables(nftables.value, owned, family)]
}

/** The filters of one family that the facts of a host show. */
export function readFilters(facts: FilterFacts, family: Family = 'ip'): HostFilters {
  const { iptables, iptablesLegacy, nftables } = facts
  const isLegacyTwice = isLegacyWorld(iptables)
  const tool = family === 'ip6' ? 'ip6tables' : 'iptables'
  const isNothingKnown = !iptables.known && !iptablesLegacy.known && !nftables.known
  return {
    tables: tablesOf(facts, family),
    setsConnmark: setsConnmark(facts),
    unread: [
      ...unreadReason(tool, iptables, isNothingKnown),
      ...(isLegacyTwice ? [] : unreadReason(`${tool}Legacy`, iptablesLegacy, true)),
      ...unreadReason('nftables', nftables, isNothingKnown),
    ],
    sources: {
      [worldOf(family, isLegacyTwice ? 'legacy' : 'nf_tables')]: iptables.from,
      ...(!isLegacyTwice && { [worldOf(family, 'legacy')]: iptablesLegacy.from }),
      nft: nftables.from,
    },
  }
}

/** The filters of a host of the snapshot, compiled once per snapshot. */
export function hostFilters(snapshot: ClusterSnapshot, host: HostName): HostFilters {
  const found = snapshot.hosts.get(host)
  if (found === undefined)
    return { tables: [], setsConnmark: false, unread: [`host ${host} was not collected`], sources: {} }
  const known = memo.get(found)
  if (known) return known
  const filters = readFilters(found.facts)
  memo.set(found, filters)
  return filters
}

const ofIpv6 = new WeakMap<HostSnapshot, HostFilters>()

/** What the same facts say of IPv6: its rules of iptables are other ones, those of nft stand beside each other. */
export function ipv6Filters(host: HostSnapshot): HostFilters {
  const { ip6tables: iptables, ip6tablesLegacy: iptablesLegacy, nftables, ipsets } = host.facts
  const known = ofIpv6.get(host) ?? readFilters({ iptables, iptablesLegacy, nftables, ipsets }, 'ip6')
  ofIpv6.set(host, known)
  return known
}

/** True where nothing at a hook can change a packet or keep it: containers mostly have no chains. */
export function isUnfiltered({ tables, unread }: HostFilters, hook: Hook): boolean {
  return unread.length === 0 && !hasChainsAt(tables, hook)
}
