/** Compares the rules flannel keeps with those iptables-save printed, in whichever world flanneld's iptables writes. */
import type { ExpectedRule } from '../../expected/expected.ts'
import type { Iptables } from '../../model/netfilter.ts'
import type { HostSnapshot } from '../../model/snapshot.ts'
import { isLegacyWorld } from './host-filters.ts'
import { type UnprintedRule, unprintedRules } from './nft-as-iptables.ts'
import type { LosingRule } from './verdict.ts'

/** A saved rule without what differs between versions of flannel: comments and --random-fully. */
export interface SavedRule {
  readonly table: string
  readonly chain: string
  readonly words: readonly string[]
  readonly text: string
  /** What its tool knows it by. */
  readonly identity: LosingRule
}

function withoutDecoration(words: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let at = words[0] === '-A' ? 2 : 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '-m' && words[at + 1] === 'comment') at += 1
    else if (word === '--comment') at += 1
    else if (word !== '--random-fully') kept.push(word)
  }
  return kept
}

function savedRules(iptables: Iptables): SavedRule[] {
  return iptables.rules.map(({ table, chain, words, text }) => ({
    table,
    chain,
    words: withoutDecoration(words),
    text,
    identity: {
      by: text,
      byPolicy: false,
      world: iptables.variant === 'legacy' ? 'iptables-legacy' : 'iptables-nft',
      chain: `${table}/${chain}`,
      words: words.slice(2),
    },
  }))
}

/** The rules of both iptables worlds of a host; a world that could not be read is left out and named. */
export function hostRules(host: HostSnapshot | undefined): {
  readonly rules: readonly SavedRule[]
  readonly unread: readonly string[]
} {
  if (host === undefined) return { rules: [], unread: ['the host was not collected'] }
  const { iptables, iptablesLegacy, nftables } = host.facts
  const facts = isLegacyWorld(iptables) ? [iptables] : [iptables, iptablesLegacy]
  const unprinted = iptables.known
    ? unprintedRules(iptables.value, nftables.known ? nftables.value : undefined)
    : { rules: [], unread: [] }
  return {
    rules: [
      ...facts.flatMap((fact) => (fact.known ? savedRules(fact.value) : [])),
      ...unprinted.rules.map(unprintedRule),
    ],
    unread: [
      ...facts.flatMap((fact) => (fact.known ? [] : [`${fact.from.section} ${fact.why}: ${fact.detail}`])),
      ...unprinted.unread,
    ],
  }
}

/** iptables changes nothing in a table that it does not print: nft does. */
function unprintedRule({ table, chain, words, text, handle }: UnprintedRule): SavedRule {
  const identity = { by: text, byPolicy: false, world: 'nft', chain: `ip ${table}/${chain}`, handle } as const
  return { table, chain, words, text, identity }
}

function keyOf({ table, chain, words }: Pick<SavedRule, 'table' | 'chain' | 'words'>): string {
  return [table, chain, ...words].join(' ')
}

/** The expected rules that no world holds. */
export function missingRules(
  expected: readonly ExpectedRule[],
  saved: readonly SavedRule[],
): readonly ExpectedRule[] {
  const present = new Set(saved.map(keyOf))
  return expected.filter((rule) => !present.has(keyOf(rule)))
}

/** With an unknown version: the first generation's rules that are all there; undefined when none is and some should be. */
export function generationPresent(
  generations: readonly (readonly ExpectedRule[])[] | undefined,
  saved: readonly SavedRule[],
): readonly ExpectedRule[] | undefined {
  const present = generations?.find((rules) => rules.length > 0 && missingRules(rules, saved).length === 0)
  if (present !== undefined) return present
  return generations?.every((rules) => rules.length === 0) ? [] : undefined
}

/** The rule as one would type it after `iptables`. */
export function ruleWords({ table, chain, words }: ExpectedRule): string {
  return `-t ${table} -A ${chain} ${words.join(' ')}`
}
