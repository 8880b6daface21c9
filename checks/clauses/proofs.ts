/** How a clause names its proof. */
import type { DynamicProof, StaticProof } from './clause.ts'

/** Broken by a finding with any of these codes. */
export function seenBy(...codes: readonly string[]): StaticProof {
  return { kind: 'static', codes }
}

/** Shown by the scenario of that name in runners/conformance/scenarios. */
export function doneBy(scenario: string): DynamicProof {
  return { kind: 'dynamic', scenario }
}
