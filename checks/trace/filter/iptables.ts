/**
 * From one iptables world (the output of one iptables-save) to filter tables.
 * Hooks and priorities of the built-in chains: the kernel's iptable_*.c and
 * `enum nf_ip_hook_priorities`.
 */
import type { Ipsets } from '../../model/ipset.ts'
import type { Iptables, IptablesChain, IptablesRule } from '../../model/netfilter.ts'
import { present } from '../../model/present.ts'
import { byChance } from './chance.ts'
import { type Matching, parseMatching } from './iptables-match.ts'
import { targetAction } from './iptables-target.ts'
import type { Base, Family, FilterChain, FilterRule, FilterTable, Hook, World } from './rule.ts'

const HOOKS: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
}

const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 }

/** Destination NAT runs before filter, source NAT after it. */
function priorityOf(table: string, hook: Hook): number {
  if (table === 'nat') return hook === 'postrouting' || hook === 'input' ? 100 : -100
  return PRIORITIES[table] ?? 0
}

/** What rules of one table are compiled with. */
export interface RuleContext {
  readonly chainNames: ReadonlySet<string>
  readonly ipsets: Ipsets | undefined
}

/** The words of a rule behind `-A CHAIN`. */
function ruleWords({ words }: IptablesRule): readonly string[] {
  return words[0] === '-A' ? words.slice(2) : words
}

const matchings = new WeakMap<IptablesRule, Matching>()

/** What a rule asks for. Without sets of the kernel its words alone decide: one that hosts share is read once. */
function matchingOf(rule: IptablesRule, ipsets: Ipsets | undefined): Matching {
  if (ipsets !== undefined) return parseMatching(ruleWords(rule), ipsets)
  const found = matchings.get(rule) ?? parseMatching(ruleWords(rule))
  matchings.set(rule, found)
  return found
}

/** One rule; `position` is its place in the chain, from 1. */
export function compileRule(rule: IptablesRule, position: number, context: RuleContext): FilterRule {
  const words = ruleWords(rule)
  const { conditions, target } = matchingOf(rule, context.ipsets)
  return {
    text: rule.text,
    words,
    position,
    ...byChance(conditions),
    actions: [targetAction(target, context.chainNames)],
    ...present({ packets: rule.packets }),
  }
}

/** nat is asked for the first packet alone; after mangle the kernel routes its own packet again (Linux `iptable_mangle.c`). */
function typeOf(table: string, hook: Hook): string {
  if (table === 'nat') return 'nat'
  return table === 'mangle' && hook === 'output' ? 'route' : 'filter'
}

function baseOf(chain: IptablesChain): Base | undefined {
  const hook = HOOKS[chain.name]
  if (hook === undefined || chain.policy === undefined) return undefined
  return {
    hook,
    priority: priorityOf(chain.table, hook),
    type: typeOf(chain.table, hook),
    policy: chain.policy === 'DROP' ? 'drop' : 'accept',
    ...present({ policyPackets: chain.packets }),
  }
}

/** The tool of a family, by the variant that shows its rules. */
export function worldOf(family: Family, variant: Iptables['variant']): World {
  const tool = family === 'ip6' ? 'ip6tables' : 'iptables'
  return variant === 'legacy' ? `${tool}-legacy` : `${tool}-nft`
}

/** The tables of one iptables world. Rules that cannot be followed are kept, as uncertain ones. */
export function iptablesTables(
  iptables: Iptables,
  { ipsets, family = 'ip' }: { readonly ipsets?: Ipsets | undefined; readonly family?: Family } = {},
): FilterTable[] {
  const rulesByChain = Map.groupBy(iptables.rules, (rule) => `${rule.table}/${rule.chain}`)
  const chainsByTable = Map.groupBy(iptables.chains, (chain) => chain.table)
  return [...chainsByTable].map(([table, tableChains]) => {
    const names = new Set(tableChains.filter(({ policy }) => policy === undefined).map(({ name }) => name))
    const context = { chainNames: names, ipsets }
    const chains = tableChains.map((chain): [string, FilterChain] => {
      const rules = rulesByChain.get(`${table}/${chain.name}`) ?? []
      const base = baseOf(chain)
      const compiled = rules.map((rule, index) => compileRule(rule, index + 1, context))
      return [chain.name, { name: chain.name, rules: compiled, ...present({ base }) }]
    })
    return { world: worldOf(family, iptables.variant), family, name: table, chains: new Map(chains) }
  })
}
