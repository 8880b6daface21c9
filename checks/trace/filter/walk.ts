/**
 * Walks a packet through the chains of one table. A rule whose match is unknown is
 * taken both ways, so that the result is the set of verdicts that are possible.
 */

import { present } from '../../model/present.ts'
import { ruleMatches } from './chance.ts'
import type { Mark, Packet } from './packet.ts'
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

/** What a rule wrote into the time to live. */
export interface WrittenTtl {
  readonly value: number
  readonly chain: string
  readonly rule: FilterRule
}

/** What one walk found. */
export interface Walk {
  readonly verdicts: readonly PossibleVerdict[]
  /** The first rule whose match could not be told and would have changed something. */
  readonly doubt?: FilterRule
  readonly mark: Mark
  /** The time to live that a rule wrote last. */
  readonly ttl?: WrittenTtl
  /** True where a rule took the packet out of connection tracking. */
  readonly isUntracked: boolean
  /** The zone of connection tracking that a rule put it in. */
  readonly zone?: number
}

interface State {
  readonly table: FilterTable
  packet: Packet
  readonly verdicts: PossibleVerdict[]
  mark: Mark
  ttl: WrittenTtl | undefined
  doubt: FilterRule | undefined
  rulesLeft: number
  depth: number
  isUntracked: boolean
  zone: number | undefined
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
function change(state: State, { chain, rule }: At, action: Action): void {
  if (action.kind === 'untrack') state.isUntracked = true
  if (action.kind === 'zone') state.zone = action.zone
  if (action.kind === 'mark' && state.mark !== 'unknown') state.mark = action.apply(state.mark, state.packet)
  if (action.kind !== 'ttl' || state.packet.ttl === undefined) return
  const ttl = action.apply(state.packet.ttl)
  state.ttl = { value: ttl, chain: chain.name, rule }
  state.packet = { ...state.packet, ttl }
}

/** A rule in its chain. */
interface At {
  readonly chain: FilterChain
  readonly rule: FilterRule
}

/** How a packet goes on behind a verdict that a rule gives it, or behind what a rule changes of it. */
function end(state: State, { chain, rule }: At, action: Exclude<Action, { kind: 'jump' | 'goto' }>): Onward {
  switch (action.kind) {
    case 'translate':
      state.verdicts.push({ kind: action.kind, chain: chain.name, rule, translate: action })
      return 'ends'
    case 'accept':
    case 'drop':
    case 'reject':
    case 'queue':
      state.verdicts.push({ kind: action.kind, chain: chain.name, rule })
      return 'ends'
    default:
      change(state, { chain, rule }, action)
      return 'next'
  }
}

function act(state: State, at: At, action: Action): Onward {
  switch (action.kind) {
    case 'return':
      return 'returns'
    case 'goto':
      return comesBack(state, action.chain) ? 'returns' : 'ends'
    case 'jump':
      return comesBack(state, action.chain) ? 'next' : 'ends'
    default:
      return end(state, at, action)
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
  const { mark, ttl, verdicts, doubt } = state
  const before = verdicts.length
  const onward = actAll(state, chain, rule)
  const changesMark = state.mark !== mark
  if (changesMark) state.mark = 'unknown'
  // Whether it lives long enough is then as open.
  if (state.ttl !== ttl) verdicts.push({ kind: 'queue', chain: chain.name, rule })
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
    const matches = ruleMatches(state.table, rule, state)
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
    ttl: undefined,
    doubt: undefined,
    rulesLeft: RULES_PER_PACKET,
    depth: 0,
    isUntracked: false,
    zone: undefined,
  }
  if (walkChain(state, chain)) {
    state.verdicts.push({ kind: chain.base?.policy ?? 'accept', chain: chain.name })
  }
  return {
    verdicts: state.verdicts,
    mark: state.mark,
    isUntracked: state.isUntracked,
    ...present({ doubt: state.doubt, ttl: state.ttl, zone: state.zone }),
  }
}
