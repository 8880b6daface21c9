/** What policy rules do to those behind them. */
import type { PolicyRule } from '../../model/route.ts'

/** The priority of a rule that is asked before one: those that jump (`goto`) pass by what stands between. */
export function priorityBefore(rules: readonly PolicyRule[], priority: number): number {
  const jumps = rules.filter((rule) => rule.other.some((word) => word.startsWith('goto ')))
  return Math.max(1, Math.min(priority, ...jumps.map((rule) => rule.priority)) - 1)
}

/** A rule for every packet that leads to no table: nothing behind it is ever asked. */
export function isRefusingAll({ from, to, table, other }: PolicyRule): boolean {
  return (
    from === 'all' &&
    to === undefined &&
    table === undefined &&
    other.every((word) => /^(?:blackhole|unreachable|prohibit|proto)/.test(word))
  )
}
