/**
 * The tables of iptables-nft, read from nft: what is in the kernel is what nft shows, and iptables-save prints a rule
 * that it cannot say without the words it lacks, or says of a whole table only that it is not compatible. nft in turn
 * names extensions of iptables (`xt match "multiport"`) without their options, which iptables-save has. So each rule
 * is put together from both, paired by its place in the chain.
 */
import type { Ipsets } from '../../model/ipset.ts'
import type { Iptables, IptablesRule, Nftables, NftRule } from '../../model/netfilter.ts'
import { compileRule, type RuleContext, worldOf } from './iptables.ts'
import { compileNftRule } from './nft-rule.ts'
import { asObject, type NamedSets } from './nft-value.ts'
import { keyOf, nftBase, setsOf } from './nftables.ts'
import type { Base, Family, FilterChain, FilterRule, FilterTable } from './rule.ts'

/** Tables that iptables-nft writes and reads back (iptables, `nft.c`, `xtables_ipv4`). */
const IPTABLES_TABLES = new Set(['filter', 'nat', 'mangle', 'raw', 'security'])

/** Names of the base chains that iptables makes; one of another name is somebody's own table of a usual name. */
const BASE_CHAINS = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'])

/** Both sides of the rules of one host. */
export interface BothViews {
  readonly nftables: Nftables
  /** What iptables-save printed; undefined where it could not be read. */
  readonly saved: Iptables | undefined
  readonly ipsets: Ipsets | undefined
  readonly family: Family
}

function keywordsOf({ expressions }: NftRule): readonly string[] {
  return expressions.flatMap((statement) => Object.keys(asObject(statement) ?? {}))
}

/** Left sides that iptables-nft writes itself; whatever else stands in a rule it did not write. */
const OWN_LEFT = /^\{"(payload|meta|&)":/

/** True for a rule that only nft can have written: sets, maps, conntrack and other expressions that iptables cannot say. */
export function isNative(rule: NftRule): boolean {
  return rule.expressions.some((statement) => {
    const expression = asObject(statement) ?? {}
    if ('vmap' in expression || 'set' in expression || 'map' in expression) return true
    const match = asObject(expression.match)
    if (match === undefined) return false
    const { left, right } = match
    const isSet = (typeof right === 'string' && right.startsWith('@')) || asObject(right)?.set !== undefined
    return isSet || !OWN_LEFT.test(JSON.stringify(left))
  })
}

/** The rule as iptables has it where extensions hide their options from nft, else as nft has it. */
function paired(rule: NftRule, saved: FilterRule | undefined, sets: NamedSets): FilterRule[] {
  const compiled = compileNftRule(rule, sets)
  if (isNative(rule) || saved === undefined) return compiled.map((one) => ({ ...one, isNative: true }))
  const [own] = compiled
  const identity = { handle: rule.handle, ...(own?.packets !== undefined && { packets: own.packets }) }
  if (keywordsOf(rule).includes('xt') || compiled.length !== 1) return [{ ...saved, ...identity }]
  return compiled.map((one) => ({ ...saved, ...identity, conditions: one.conditions, actions: one.actions }))
}

/** Rules of a chain by their place; none where the two tools do not show the same number of them. */
function savedRules(
  rules: readonly IptablesRule[],
  count: number,
  context: RuleContext,
): readonly FilterRule[] {
  return rules.length === count ? rules.map((rule, index) => compileRule(rule, index + 1, context)) : []
}

function isIptables(nftables: Nftables, key: string): boolean {
  const [, name = ''] = key.split(' ')
  const own = nftables.chains.filter((chain) => keyOf(chain) === key)
  return (
    IPTABLES_TABLES.has(name) && own.every((chain) => chain.hook === undefined || BASE_CHAINS.has(chain.name))
  )
}

/** Packets that met the policy: nft does not count them. */
function withPolicyPackets(base: Base, packets: number | undefined): Base {
  return packets === undefined ? base : { ...base, policyPackets: packets }
}

/** The tables of one family that iptables-nft manages, with what both tools say of their rules. */
export function iptablesTablesInNft({ nftables, saved, ipsets, family }: BothViews): FilterTable[] {
  const savedChains = new Map((saved?.chains ?? []).map((chain) => [`${chain.table} ${chain.name}`, chain]))
  const rulesByChain = Map.groupBy(nftables.rules, (rule) => `${keyOf(rule)} ${rule.chain}`)
  const savedByChain = Map.groupBy(saved?.rules ?? [], (rule) => `${family} ${rule.table} ${rule.chain}`)
  const allSets = setsOf(nftables)
  const own = nftables.tables.filter(
    (table) => table.family === family && isIptables(nftables, `${family} ${table.name}`),
  )
  return own.map(({ name }) => {
    const key = `${family} ${name}`
    const chains = nftables.chains.filter((chain) => keyOf(chain) === key)
    const chainNames = new Set(chains.filter(({ hook }) => hook === undefined).map((chain) => chain.name))
    const compiled = chains.map((chain): [string, FilterChain] => {
      const rules = rulesByChain.get(`${key} ${chain.name}`) ?? []
      const beside = savedRules(savedByChain.get(`${key} ${chain.name}`) ?? [], rules.length, {
        chainNames,
        ipsets,
      })
      const base = nftBase(chain)
      const both = rules.flatMap((rule, index) => paired(rule, beside[index], allSets.get(key) ?? new Map()))
      const packets = savedChains.get(`${name} ${chain.name}`)?.packets
      return [
        chain.name,
        { name: chain.name, rules: both, ...(base && { base: withPolicyPackets(base, packets) }) },
      ]
    })
    return { world: worldOf(family, 'nf_tables'), family, name, chains: new Map(compiled) }
  })
}
