/**
 * Rules among which the kernel draws lots: `statistic`, `recent`, `numgen` and `jhash`, by which kube-proxy divides the
 * connections of a service among its endpoints. A packet that is followed to one of them takes the way that leads there.
 */
import { all, CHANCE, type Condition, type Mark, type Packet, type Truth } from './packet.ts'
import type { FilterRule, FilterTable, Translate } from './rule.ts'

/** Conditions without the lot, and whether one is drawn. */
export function byChance(conditions: readonly Condition[]): Pick<FilterRule, 'conditions' | 'isChance'> {
  const certain = conditions.filter((condition) => condition !== CHANCE)
  return certain.length === conditions.length ? { conditions } : { conditions: certain, isChance: true }
}

/** Chains between the choice of an endpoint and its address: kube-proxy has one. */
const MOST_CHAINS = 4

/** Destinations that a rule, or the chains it leads to, may write. */
function destinations(table: FilterTable, rule: FilterRule, depth = 0): readonly Translate[] {
  return rule.actions.flatMap((action) => {
    if (action.kind === 'translate') return action.side === 'destination' ? [action] : []
    if ((action.kind !== 'jump' && action.kind !== 'goto') || depth === MOST_CHAINS) return []
    return (table.chains.get(action.chain)?.rules ?? []).flatMap((one) => destinations(table, one, depth + 1))
  })
}

/** Whether a rule takes the packet; where lots are drawn among endpoints, the one that is followed is drawn. */
export function ruleMatches(
  table: FilterTable,
  rule: FilterRule,
  arriving: { packet: Packet; mark: Mark },
): Truth {
  const { packet, mark } = arriving
  const matches = all(rule.conditions, packet, mark)
  if (matches === false || !rule.isChance) return matches
  const { chosen } = packet
  const ends = chosen === undefined ? [] : destinations(table, rule)
  if (ends.length === 0) return 'unknown'
  const isChosen = ({ address, port = chosen?.port }: Translate): boolean =>
    address === chosen?.address && port === chosen?.port
  return ends.some(isChosen) ? matches : false
}
