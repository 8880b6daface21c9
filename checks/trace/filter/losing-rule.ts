/** The rule or policy that decides about a packet, as its tool names it. */
import { present } from '../../model/present.ts'
import type { Attached } from './base-chains.ts'
import type { FilterRule, World } from './rule.ts'

/** The rule or policy that decided, or that leaves the fate of a packet open. */
export interface LosingRule {
  /** The rule as printed, or `policy DROP`. */
  readonly by: string
  /** True when the chain's policy dropped it. */
  readonly byPolicy: boolean
  readonly world: World
  /** `filter/FORWARD` or, for nft, `inet firewall/forward`: the chain that holds the rule. */
  readonly chain: string
  /** The words of an iptables rule behind `-A CHAIN`, and its place in the chain, from 1. */
  readonly words?: readonly string[]
  readonly position?: number
  /** Number by which nft deletes the rule. */
  readonly handle?: number
  /** Packets the rule or policy has met so far, where counted. */
  readonly packets?: number
}

/** The chain that holds the rule, as its tool names it. */
export function placeOf({ table }: Attached, chain: string): string {
  return table.world === 'nft' ? `${table.family} ${table.name}/${chain}` : `${table.name}/${chain}`
}

/** A rule as its tool names it. */
export function ruleAt({ table }: Pick<Attached, 'table'>, rule: FilterRule, chain: string): LosingRule {
  const { packets } = rule
  const world = rule.isNative ? 'nft' : table.world
  const place = world === 'nft' ? `${table.family} ${table.name}/${chain}` : `${table.name}/${chain}`
  return {
    by: rule.text,
    byPolicy: false,
    world,
    chain: place,
    ...present({ packets }),
    ...identityOf(rule),
  }
}

/** What the tools know a rule by. */
function identityOf({
  words,
  position,
  handle,
}: FilterRule): Pick<LosingRule, 'words' | 'position' | 'handle'> {
  return present({ words, position, handle })
}
