/**
 * Walks a packet through the chains of one table. A rule whose match is unknown is
 * taken both ways, so that the result is the set of verdicts that are possible.
 */

import { present } from '../../model/present.ts'
import { all, type Mark, type Packet } from './packet.ts'
import type { Action, FilterChain, FilterRule, FilterTable, Translate } from './rule.ts'

/** A packet with the mark it carries at this point. */
export interface Arriving {
  readonly packet: Packet
  readonly mark: Mark
}

/** A verdict a packet may meet, and the rule or policy that gives it. */
export interface PossibleVerdict {
  readonly kind: 'accept' | 'drop' | 'reject' | 'translate' | 'queue'
  readonly chain: string
  /** Absent for the policy of the base chain. */
  readonly rule?: FilterRule
  /** What a nat rule writes. */
  readonly translate?: Translate
}

/** What one walk found. */
export interface Walk {
  readonly verdicts: readonly PossibleVerdict[]
  /** The first rule whose match could not be told and would have changed something. */
  readonly doubt?: FilterRule
  readonly mark: Mark
  /** True where a rule took the packet out of connection tracking. */
  readonly isUntracked: boolean
}

interface State {
  readonly table: FilterTable
  readonly packet: Packet
  readonly verdicts: PossibleVerdict[]
  mark: Mark
  doubt: FilterRule | undefined
  rulesLeft: number
  depth: number
  isUntracked: boolean
}

/** How a packet goes on after a matching rule: the next rule, back to the calling chain, or not at all. */
type Onward = 'next' | 'returns' | 'ends'

/**
 * Rules one packet may meet. The kernel refuses loops and jumps deeper than 16
 * (NFT_JUMP_STACK_SIZE); this bound stops a recorded ruleset that has been tampered with.
 */
const RULES_PER_PACKET = 200_000

/** Jumps inside each other; as above. */
const DEEPEST_JUMP = 500

/** True when the packet can come back out of the chain an action leads to. */
function comesBack(state: State, chainName: string): boolean {
  const chain = state.table.chains.get(chainName)
  if (chain === undefined) return true
  state.depth += 1
  const isBack = walkChain(state, chain)
  state.depth -= 1
  return isBack
}

/** What an action changes of the packet that goes on to the next rule. */
function change(state: State, action: Action): void {
  if (action.kind === 'untrack') state.isUntracked = true
  if (action.kind === 'mark' && state.mark !== 'unknown') state.mark = action.apply(state.mark, state.packet)
}

function act(state: State, at: { chain: FilterChain; rule: FilterRule }, action: Action): Onward {
  switch (action.kind) {
    case 'continue':
    case 'mark':
    case 'untrack':
      change(state, action)
      return 'next'
    case 'return':
      return 'returns'
    case 'goto':
      return comesBack(state, action.chain) ? 'returns' : 'ends'
    case 'jump':
      return comesBack(state, action.chain) ? 'next' : 'ends'
    case 'translate':
      state.verdicts.push({ kind: action.kind, chain: at.chain.name, rule: at.rule, translate: action })
      return 'ends'
    default:
      state.verdicts.push({ kind: action.kind, chain: at.chain.name, rule: at.rule })
      return 'ends'
  }
}

function actAll(state: State, chain: FilterChain, rule: FilterRule): Onward {
  for (const action of rule.actions) {
    const onward = act(state, { chain, rule }, action)
    if (onward !== 'next') return onward
  }
  return 'next'
}

/** Takes a rule that may or may not match: what it may do is kept as possible. */
function actPerhaps(state: State, chain: FilterChain, rule: FilterRule): Onward {
  const { mark, verdicts, doubt } = state
  const before = verdicts.length
  const onward = actAll(state, chain, rule)
  const changesMark = state.mark !== mark
  if (changesMark) state.mark = 'unknown'
  if (changesMark || onward !== 'next' || verdicts.length > before) state.doubt = doubt ?? rule
  return onward
}

/** Walks one chain, collects the verdicts it may give, and says whether the packet can leave it without one. */
function walkChain(state: State, chain: FilterChain): boolean {
  let mayReturn = false
  for (const rule of chain.rules) {
    state.rulesLeft -= 1
    if (state.rulesLeft < 0 || state.depth > DEEPEST_JUMP) {
      state.verdicts.push({ kind: 'queue', chain: chain.name, rule })
      return false
    }
    const matches = all(rule.conditions, state.packet, state.mark)
    if (matches === false) continue
    if (matches === 'unknown') {
      mayReturn = actPerhaps(state, chain, rule) === 'returns' || mayReturn
      continue
    }
    const onward = actAll(state, chain, rule)
    if (onward !== 'next') return onward === 'returns' || mayReturn
  }
  return true
}

/** Walks a base chain from its first rule to its policy. */
export function walkBaseChain(table: FilterTable, chain: FilterChain, arriving: Arriving): Walk {
  const state: State = {
    table,
    packet: arriving.packet,
    verdicts: [],
    mark: arriving.mark,
    doubt: undefined,
    rulesLeft: RULES_PER_PACKET,
    depth: 0,
    isUntracked: false,
  }
  if (walkChain(state, chain)) {
    state.verdicts.push({ kind: chain.base?.policy ?? 'accept', chain: chain.name })
  }
  return {
    verdicts: state.verdicts,
    mark: state.mark,
    isUntracked: state.isUntracked,
    ...present({ doubt: state.doubt }),
  }
}
