/** The contract of a scenario: an action on a target, and what each clause that names it looked like. */
import type { ClauseId } from '../../../checks/clauses/clause.ts'
import type { Backend } from '../../../checks/model/network-config.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../../../checks/model/snapshot.ts'
import type { Abilities, Ability, HostControl } from '../../lab/control/host-control.ts'

/** Why a scenario cannot tell: a fact that cannot be read, a step that fails. */
export class ScenarioError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ScenarioError'
  }
}

/** What a scenario acts on, and where it says what it saw. */
export interface Scene {
  readonly backend: Backend
  /** As the victim's binary says; absent when it does not. */
  readonly version?: string
  /** The host that is acted on. */
  readonly victim: HostName
  /** A host that only watches. */
  readonly peer: HostName
  readonly hosts: readonly HostName[]
  readonly control: HostControl
  readonly signal: AbortSignal
  /** Collects the whole target. */
  look(): Promise<ClusterSnapshot>
  /** Collects one host, without the datastore. */
  lookAt(host: HostName): Promise<HostSnapshot>
  /** Says what was seen of a clause. */
  saw(clause: ClauseId, isMet: boolean, observed: string): void
}

/** A scene whose target has what the scenario needs. */
export type Equipped<Needs extends Ability> = Scene & {
  readonly control: HostControl & Required<Pick<Abilities, Needs>>
}

export interface Scenario {
  /** As clauses name it. */
  readonly name: string
  readonly needs: readonly Ability[]
  /** Acts, observes and puts back what it changed. Throws when it cannot go on; the target is healed after it. */
  readonly run: (scene: Scene) => Promise<void>
  readonly backends?: readonly Backend[]
}

/** Declares a scenario; `run` sees the abilities it needs as there. */
export function defineScenario<Needs extends Ability>(scenario: {
  readonly name: string
  readonly needs: readonly Needs[]
  readonly backends?: readonly Backend[]
  readonly run: (scene: Equipped<Needs>) => Promise<void>
}): Scenario {
  return { ...scenario, run: (scene) => scenario.run(scene as Equipped<Needs>) }
}
