/**
 * From one iptables world (the output of one iptables-save) to filter tables.
 * Hooks and priorities of the built-in chains: the kernel's iptable_*.c and
 * `enum nf_ip_hook_priorities`.
 */
import type { Iptables, IptablesChain, IptablesRule } from '../../model/netfilter.ts'
import { parseMatching } from './iptables-match.ts'
import type { Action, Base, FilterChain, FilterRule, FilterTable, Hook } from './rule.ts'

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

const SIMPLE_TARGETS: Readonly<Record<string, Action['kind'] & string>> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  REJECT: 'reject',
  RETURN: 'return',
  QUEUE: 'queue',
  NFQUEUE: 'queue',
  MASQUERADE: 'translate',
  SNAT: 'translate',
  DNAT: 'translate',
  REDIRECT: 'translate',
  NETMAP: 'translate',
}

/** `VALUE[/MASK]` of --set-xmark (mask bits cleared, then value xored in) and of its short forms. */
function markAction(target: string, [option, value = '']: readonly string[]): Action {
  const [bits = 0, mask = 0xffffffff] = value.split('/').map(Number)
  if (target !== 'MARK' && option !== '--restore-mark') return { kind: 'continue' }
  switch (option) {
    case '--set-xmark':
      return { kind: 'mark', apply: (mark) => ((mark & ~mask) ^ bits) >>> 0 }
    case '--set-mark':
      return { kind: 'mark', apply: (mark) => ((mark & ~mask) | bits) >>> 0 }
    case '--or-mark':
      return { kind: 'mark', apply: (mark) => (mark | bits) >>> 0 }
    case '--and-mark':
      return { kind: 'mark', apply: (mark) => (mark & bits) >>> 0 }
    default:
      return { kind: 'mark', apply: () => 'unknown' }
  }
}

function actionOf(target: readonly string[], chainNames: ReadonlySet<string>): Action {
  // A rule without a target only counts.
  const [verb, name = '', ...options] = target
  if (chainNames.has(name)) return { kind: verb === '-g' ? 'goto' : 'jump', chain: name }
  return name.endsWith('MARK')
    ? markAction(name, options)
    : ({ kind: SIMPLE_TARGETS[name] ?? 'continue' } as Action)
}

function compileRule(rule: IptablesRule, position: number, chainNames: ReadonlySet<string>): FilterRule {
  const words = rule.words[0] === '-A' ? rule.words.slice(2) : rule.words
  const { conditions, target } = parseMatching(words)
  return {
    text: rule.text,
    words,
    position,
    conditions,
    actions: [actionOf(target, chainNames)],
    ...(rule.packets !== undefined && { packets: rule.packets }),
  }
}

function baseOf(chain: IptablesChain): Base | undefined {
  const hook = HOOKS[chain.name]
  if (hook === undefined || chain.policy === undefined) return undefined
  return {
    hook,
    priority: priorityOf(chain.table, hook),
    type: chain.table === 'nat' ? 'nat' : 'filter',
    policy: chain.policy === 'DROP' ? 'drop' : 'accept',
    ...(chain.packets !== undefined && { policyPackets: chain.packets }),
  }
}

/** The tables of one iptables world. Rules that cannot be followed are kept, as uncertain ones. */
export function iptablesTables(iptables: Iptables): FilterTable[] {
  const rulesByChain = Map.groupBy(iptables.rules, (rule) => `${rule.table}/${rule.chain}`)
  const chainsByTable = Map.groupBy(iptables.chains, (chain) => chain.table)
  return [...chainsByTable].map(([table, tableChains]) => {
    const names = new Set(tableChains.filter(({ policy }) => policy === undefined).map(({ name }) => name))
    const chains = tableChains.map((chain): [string, FilterChain] => {
      const rules = rulesByChain.get(`${table}/${chain.name}`) ?? []
      const base = baseOf(chain)
      return [
        chain.name,
        {
          name: chain.name,
          rules: rules.map((rule, index) => compileRule(rule, index + 1, names)),
          ...(base && { base }),
        },
      ]
    })
    const world = iptables.variant === 'legacy' ? 'iptables-legacy' : 'iptables-nft'
    return { world, family: 'ip', name: table, chains: new Map(chains) }
  })
}
