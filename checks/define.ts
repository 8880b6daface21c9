import type { Check, ClusterCheck, HostCheck } from './check.ts'
import type { FactName } from './model/snapshot.ts'

/**
 * A check of one host against its expected state or its own facts.
 * Reading an undeclared fact or yielding an undeclared code does not compile.
 */
export function defineHostCheck<const N extends FactName, const C extends string>(
  check: Omit<HostCheck<N, C>, 'scope'>,
): Check {
  return { scope: 'host', ...check } as unknown as Check
}

/** A check that compares hosts with each other, or judges the datastore alone. */
export function defineClusterCheck<const N extends FactName, const C extends string>(
  check: Omit<ClusterCheck<N, C>, 'scope'>,
): Check {
  return { scope: 'cluster', ...check } as unknown as Check
}
