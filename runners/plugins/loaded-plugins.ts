/** What the plugins of a run bring, in the shapes that ours have. */
import type { Check } from '../../checks/check.ts'
import type { Clause } from '../../checks/clauses/clause.ts'
import type { CheckResult } from '../../checks/evaluate.ts'
import type { Backend } from '../../checks/model/network-config.ts'
import type { FaultContext, Step } from '../../fixtures/fault.ts'
import type { Format } from '../../reports/registry.ts'
import type { FactCollector } from '../collect/section/section.ts'

/** What a plugin's fault does in one lab. */
export interface FaultSteps {
  readonly inject: readonly Step[]
  readonly heal: readonly Step[]
  readonly settle: readonly Step[]
}

export interface LoadedFault {
  readonly id: string
  readonly title: string
  readonly backends: readonly Backend[]
  readonly cause: string
  readonly steps: (context: FaultContext) => FaultSteps
}

/** What is done on a lab before the codes that break a clause are looked for. */
export interface ClauseAction {
  readonly clause: Clause
  readonly codes: readonly string[]
  readonly fault: LoadedFault
}

export interface LoadedPlugins {
  readonly names: readonly string[]
  readonly checks: readonly Check[]
  readonly facts: readonly FactCollector[]
  readonly clauses: readonly Clause[]
  readonly faults: readonly LoadedFault[]
  readonly actions: readonly ClauseAction[]
  readonly reporters: Readonly<Record<string, Format>>
  /** The pages of its checks, by their ids. */
  readonly pages: ReadonlyMap<string, string>
  /** What could not be loaded: each is a result in error, so that no verdict is healthy without it. */
  readonly failures: readonly CheckResult[]
  readonly close: () => void
}

export const NO_PLUGINS: LoadedPlugins = {
  names: [],
  checks: [],
  facts: [],
  clauses: [],
  faults: [],
  actions: [],
  reporters: {},
  pages: new Map(),
  failures: [],
  close: () => {},
}
