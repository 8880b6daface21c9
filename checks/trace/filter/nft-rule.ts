/** One nft rule: its statements in order, each a condition, an action or both. */
import type { NftRule } from '../../model/netfilter.ts'
import { present } from '../../model/present.ts'
import { isEqual, matchCondition } from './nft-match.ts'
import { HANDS_ON, statementAction } from './nft-statement.ts'
import { ruleText } from './nft-text.ts'
import { asObject, type NamedSets } from './nft-value.ts'
import { type Condition, UNKNOWN } from './packet.ts'
import type { Action, FilterRule } from './rule.ts'

interface Draft {
  readonly conditions: Condition[]
  readonly actions: Action[]
  packets: number | undefined
  verdictMap: Readonly<Record<string, unknown>> | undefined
}

/** A limit holds for one packet, unless it asks for what is above; sums over time are not known. */
function limitCondition(argument: unknown): Condition {
  return asObject(argument)?.inv === true ? () => false : () => true
}

/** An extension of iptables: nft knows its name only. */
function addExtension(draft: Draft, argument: unknown): void {
  const { type, name } = asObject(argument) ?? {}
  if (type === 'target') draft.actions.push(EXTENSION_TARGETS[String(name)] ?? { kind: 'queue' })
  else if (name !== 'comment') draft.conditions.push(UNKNOWN)
}

const EXTENSION_TARGETS: Readonly<Record<string, Action>> = {
  LOG: { kind: 'continue' },
  MASQUERADE: { kind: 'translate', side: 'source', isOwn: true },
  REDIRECT: { kind: 'translate', side: 'destination', isOwn: true },
  REJECT: { kind: 'reject' },
  SNAT: { kind: 'translate', side: 'source' },
  DNAT: { kind: 'translate', side: 'destination' },
  MARK: { kind: 'mark', apply: () => 'unknown' },
}

function addKeyword(draft: Draft, keyword: string, argument: unknown): void {
  if (keyword === 'xt') addExtension(draft, argument)
  else if (keyword === 'limit') draft.conditions.push(limitCondition(argument))
  else addAction(draft, keyword, argument)
}

function addAction(draft: Draft, keyword: string, argument: unknown): void {
  const action = HANDS_ON.has(keyword) ? { kind: 'queue' as const } : statementAction(keyword, argument)
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
  const isDrawn = ['numgen', 'jhash', 'symhash'].some((lot) => lot in (asObject(key) ?? {}))
  return elements.map((element, at) => {
    const [value, verdict] = Array.isArray(element) ? element : []
    const [[keyword = '', argument] = []] = Object.entries(asObject(verdict) ?? {})
    const action = statementAction(keyword, argument) ?? { kind: 'queue' as const }
    const actions = [...rule.actions, action]
    // What the others do not draw is the last one's.
    if (isDrawn) return { ...rule, actions, ...(at < elements.length - 1 && { isChance: true as const }) }
    return { ...rule, conditions: [...rule.conditions, isEqual(key, value, sets)], actions }
  })
}

const compiledAlone = new WeakMap<NftRule, readonly FilterRule[]>()

/**
 * The rule in the common form: more than one where a verdict map chooses among verdicts. Without named sets the rule alone
 * decides, and one that hosts share is compiled once.
 */
export function compileNftRule(rule: NftRule, sets: NamedSets): readonly FilterRule[] {
  if (sets.size > 0) return compiled(rule, sets)
  const found = compiledAlone.get(rule) ?? compiled(rule, sets)
  compiledAlone.set(rule, found)
  return found
}

function compiled(rule: NftRule, sets: NamedSets): FilterRule[] {
  const draft: Draft = { conditions: [], actions: [], packets: undefined, verdictMap: undefined }
  for (const statement of rule.expressions) addStatement(draft, statement, sets)
  const { conditions, actions, packets } = draft
  const only = {
    text: ruleText(rule.expressions),
    conditions,
    actions,
    handle: rule.handle,
    ...present({ packets }),
  }
  return draft.verdictMap ? expandMap(draft, only, sets) : [only]
}
