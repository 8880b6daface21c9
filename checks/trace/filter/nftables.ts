/** From `nft -j list ruleset` to filter tables: native tables only, of the families that see IPv4 packets. */
import type { Nftables, NftChain, NftRule } from '../../model/netfilter.ts'
import { isEqual, matchCondition } from './nft-match.ts'
import { ruleText } from './nft-text.ts'
import { asObject, type NamedSets } from './nft-value.ts'
import { type Condition, UNKNOWN } from './packet.ts'
import type { Action, Base, FilterChain, FilterRule, FilterTable, Hook } from './rule.ts'

const HOOKS: readonly string[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'] satisfies Hook[]

/** Tables that iptables-nft writes and reads back (iptables, `nft.c`, `xtables_ipv4`). */
const IPTABLES_TABLES = new Set(['filter', 'nat', 'mangle', 'raw', 'security'])

/**
 * Chains of family netdev, and of inet at ingress: in front of every other hook at the link, or behind all
 * (Linux `net/core/dev.c`, `__netif_receive_skb_core` and `__dev_queue_xmit`).
 */
const AT_LINK: ReadonlyMap<string, Pick<Base, 'hook' | 'priority'>> = new Map([
  ['ingress', { hook: 'prerouting', priority: Number.MIN_SAFE_INTEGER }],
  ['egress', { hook: 'postrouting', priority: Number.MAX_SAFE_INTEGER }],
])

type Verb = Exclude<Action['kind'], 'jump' | 'goto' | 'mark' | 'return' | 'continue'> | 'return'

const VERBS: Readonly<Record<string, Verb>> = {
  accept: 'accept',
  drop: 'drop',
  reject: 'reject',
  return: 'return',
  queue: 'queue',
  masquerade: 'translate',
  snat: 'translate',
  dnat: 'translate',
  redirect: 'translate',
}

/** Statements that neither match nor decide. */
const SILENT = new Set([
  'counter',
  'log',
  'comment',
  'notrack',
  'continue',
  'set',
  'map',
  'dup',
  'secmark',
  'flow',
])

function targetOf(statement: unknown): string {
  const target = asObject(statement)?.target
  return typeof target === 'string' ? target : ''
}

/** `meta mark set VALUE`; any other change of the packet is ignored, of the mark it makes it unknown. */
function mangleAction(mangle: Readonly<Record<string, unknown>>): Action {
  if (asObject(asObject(mangle.key)?.meta)?.key !== 'mark') return { kind: 'continue' }
  const { value } = mangle
  return { kind: 'mark', apply: () => (typeof value === 'number' ? value : 'unknown') }
}

function actionOf(keyword: string, argument: unknown): Action | undefined {
  const verb = VERBS[keyword]
  if (verb !== undefined) return { kind: verb }
  if (keyword === 'jump' || keyword === 'goto') return { kind: keyword, chain: targetOf(argument) }
  if (keyword === 'mangle') return mangleAction(asObject(argument) ?? {})
  return SILENT.has(keyword) ? { kind: 'continue' } : undefined
}

interface Draft {
  readonly conditions: Condition[]
  readonly actions: Action[]
  packets: number | undefined
  verdictMap: Readonly<Record<string, unknown>> | undefined
}

function addKeyword(draft: Draft, keyword: string, argument: unknown): void {
  const isTarget = keyword === 'xt' && asObject(argument)?.type === 'target'
  const action = isTarget ? { kind: 'queue' as const } : actionOf(keyword, argument)
  if (action) draft.actions.push(action)
  else draft.conditions.push(UNKNOWN)
}

function addStatement(draft: Draft, statement: unknown, sets: NamedSets): void {
  for (const [keyword, argument] of Object.entries(asObject(statement) ?? { unreadable: null })) {
    if (keyword === 'match') draft.conditions.push(matchCondition(asObject(argument) ?? {}, sets))
    else if (keyword === 'vmap') draft.verdictMap = asObject(argument)
    else addKeyword(draft, keyword, argument)
    const packets = keyword === 'counter' ? asObject(argument)?.packets : undefined
    if (typeof packets === 'number') draft.packets = packets
  }
}

/** A verdict map becomes one rule per element; its elements exclude each other. */
function expandMap(draft: Draft, rule: FilterRule, sets: NamedSets): FilterRule[] {
  const { key, data } = draft.verdictMap ?? {}
  const elements = typeof data === 'string' ? sets.get(data.slice(1)) : asObject(data)?.set
  if (!Array.isArray(elements)) return [{ ...rule, actions: [{ kind: 'queue' }] }]
  return elements.map((element) => {
    const [value, verdict] = Array.isArray(element) ? element : []
    const [[keyword = '', argument] = []] = Object.entries(asObject(verdict) ?? {})
    const action = actionOf(keyword, argument) ?? { kind: 'queue' as const }
    return {
      ...rule,
      conditions: [...rule.conditions, isEqual(key, value, sets)],
      actions: [...rule.actions, action],
    }
  })
}

function compileRule(rule: NftRule, sets: NamedSets): FilterRule[] {
  const draft: Draft = { conditions: [], actions: [], packets: undefined, verdictMap: undefined }
  for (const statement of rule.expressions) addStatement(draft, statement, sets)
  const { conditions, actions, packets } = draft
  const compiled = {
    text: ruleText(rule.expressions),
    conditions,
    actions,
    handle: rule.handle,
    ...(packets !== undefined && { packets }),
  }
  return draft.verdictMap ? expandMap(draft, compiled, sets) : [compiled]
}

function baseOf({ hook = '', priority = 0, type = 'filter', policy, link }: NftChain): Base | undefined {
  const common = { type, policy: policy === 'drop' ? 'drop' : 'accept' } as const
  const atLink = AT_LINK.get(hook)
  // Where the tool does not tell the link, none is known to meet the chain.
  if (atLink !== undefined) return { ...atLink, ...common, links: link?.split(',') ?? [] }
  return HOOKS.includes(hook) ? { hook: hook as Hook, priority, ...common } : undefined
}

const keyOf = ({ family, table }: { family: string; table: string }): string => `${family} ${table}`

/**
 * Native tables as filter tables. `ownedByIptables` names the tables of family ip that
 * iptables-save printed too: they are counted there, where their extensions are readable.
 */
export function nftTables(nftables: Nftables, ownedByIptables: ReadonlySet<string>): FilterTable[] {
  const chainsByTable = Map.groupBy(nftables.chains, keyOf)
  const rulesByChain = Map.groupBy(nftables.rules, (rule) => `${keyOf(rule)} ${rule.chain}`)
  const setsByTable = Map.groupBy(nftables.sets, keyOf)
  const native = nftables.tables.filter(
    ({ family, name }) =>
      family === 'inet' ||
      family === 'netdev' ||
      (family === 'ip' && !(IPTABLES_TABLES.has(name) && ownedByIptables.has(name))),
  )
  return native.map(({ family, name }) => {
    const key = keyOf({ family, table: name })
    const sets: NamedSets = new Map((setsByTable.get(key) ?? []).map((set) => [set.name, set.elements]))
    const chains = (chainsByTable.get(key) ?? []).map((chain): [string, FilterChain] => {
      const rules = (rulesByChain.get(`${key} ${chain.name}`) ?? []).flatMap((rule) =>
        compileRule(rule, sets),
      )
      const base = baseOf(chain)
      return [chain.name, { name: chain.name, rules, ...(base && { base }) }]
    })
    return { world: 'nft', family, name, chains: new Map(chains) }
  })
}
