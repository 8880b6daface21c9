/** Runs scenarios on a target, one after another, and gives what each clause looked like. */

import type { Clause, ClauseId, ClauseObservation } from '../../../checks/clauses/clause.ts'
import { CLAUSES } from '../../../checks/clauses/registry.ts'
import type { Backend } from '../../../checks/model/network-config.ts'
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { type HostControl, LACKING } from '../../lab/control/host-control.ts'
import { labControl } from '../../lab/control/lab-control.ts'
import type { LabState } from '../../lab/running/state.ts'
import { poll } from '../../poll.ts'
import { collectCluster } from '../../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../../run/collecting/usual-concurrency.ts'
import { SCENARIOS } from './all-scenarios.ts'
import { type Baseline, baselineOf, healTarget } from './heal-target.ts'
import { lookAtHost } from './look-at-host.ts'
import { factValue } from './peer-entries.ts'
import { type Scenario, ScenarioError, type Scene } from './scenario.ts'
import { systemdControl } from './systemd-control.ts'
import { hostIn } from './written-state.ts'

/** What scenarios are run on. Without `lab` only what service managers offer is done: call it only with `--disruptive`. */
export interface ScenarioTarget {
  readonly inventory: Inventory
  readonly lab?: LabState
  /** Names of scenarios; a name there is none of tests nothing, and that is said. */
  readonly scenarios: readonly string[]
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** A scenario that outlasts this is undecided. */
const SCENARIO_MS = 180_000

const clausesOf = (scenario: Scenario, backend: Backend): readonly Clause[] =>
  CLAUSES.filter(({ proof, backends }) => {
    const isNamed = proof.kind === 'dynamic' && proof.scenario === scenario.name
    return isNamed && (backends === undefined || backends.includes(backend))
  })

function versionOf(snapshot: ClusterSnapshot, host: string): string | undefined {
  return factValue(hostIn(snapshot, host).facts.flanneld).processes[0]?.version
}

type Seen = Map<ClauseId, ClauseObservation>

/** etcd of a busy machine may be silent for a while. */
const SILENT_MS = 40_000

/** The target as collected, once its datastore was read or has been silent for long. */
async function lookAtAll(control: HostControl, signal: AbortSignal): Promise<ClusterSnapshot> {
  const collected = async (): Promise<ClusterSnapshot> => {
    const settings = { concurrency: usualConcurrency(), signal }
    return (await collectCluster(await control.inventory(), settings)).snapshot
  }
  const look = async (): Promise<ClusterSnapshot | undefined> => {
    const snapshot = await collected()
    return snapshot.datastore.config.known && snapshot.datastore.leases.known ? snapshot : undefined
  }
  return (await poll(look, { deadline: performance.now() + SILENT_MS, pauseMs: 0, signal })) ?? collected()
}

/** The victim is the last host and the first one watches: the order of the inventory decides. */
async function sceneOf(control: HostControl, signal: AbortSignal): Promise<Omit<Scene, 'saw'>> {
  const look = (): Promise<ClusterSnapshot> => lookAtAll(control, signal)
  const snapshot = await look()
  const hosts = [...snapshot.hosts.keys()]
  const [peer] = hosts
  const victim = hosts.at(-1)
  if (peer === undefined || victim === undefined || peer === victim)
    throw new ScenarioError('scenarios need two hosts or more')
  const version = versionOf(snapshot, victim)
  return {
    backend: factValue(snapshot.datastore.config).backend,
    ...present({ version }),
    victim,
    peer,
    hosts,
    control,
    signal,
    look,
    lookAt: (name) => lookAtHost(control, name, signal),
  }
}

/** Runs one; what it did not say of a clause that names it is undecided, with the reason. */
async function runOne(
  scenario: Scenario,
  base: Omit<Scene, 'saw'>,
  baseline: Baseline,
): Promise<readonly ClauseObservation[]> {
  const seen: Seen = new Map()
  const signal = AbortSignal.any([base.signal, AbortSignal.timeout(SCENARIO_MS)])
  const scene: Scene = {
    ...base,
    signal,
    saw: (clause, isMet, observed) =>
      seen.set(clause, { clause, status: isMet ? 'met' : 'not-met', observed }),
  }
  let problem = `${scenario.name} ended without a word on it`
  try {
    await scenario.run(scene)
  } catch (error) {
    problem = `${scenario.name}: ${(error as Error).message}`
  }
  const unhealed = await healTarget({ ...scene, signal: base.signal }, baseline)
  if (unhealed !== undefined) throw new ScenarioError(`after ${scenario.name}: ${unhealed}`)
  return clausesOf(scenario, base.backend).map(
    ({ id }) => seen.get(id) ?? { clause: id, status: 'undecided', observed: problem },
  )
}

function whyNot(scenario: Scenario, { control, backend }: Omit<Scene, 'saw'>): string | undefined {
  if (scenario.backends !== undefined && !scenario.backends.includes(backend))
    return `it is for ${scenario.backends.join(' and ')}`
  const lacking = scenario.needs.find((ability) => control[ability] === undefined)
  return lacking === undefined ? undefined : LACKING[lacking]
}

/** The names that are scenarios, in the order in which they are run. */
function chosenFrom({ scenarios, say }: Pick<ScenarioTarget, 'scenarios' | 'say'>): readonly Scenario[] {
  const known = new Set(SCENARIOS.map(({ name }) => name))
  for (const name of scenarios.filter((each) => !known.has(each))) say(`no scenario ${name}: not tested`)
  return SCENARIOS.filter(({ name }) => scenarios.includes(name))
}

/** `remove-peer-lease: 2 of 2 clauses met, 3.6 s`. */
function summary(scenario: Scenario, seen: readonly ClauseObservation[], startedAt: number): string {
  const met = seen.filter(({ status }) => status === 'met').length
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  return `${scenario.name}: ${met} of ${seen.length} clauses met, ${seconds} s`
}

/** The same as `runScenarios`, on a target of any kind. */
export async function runScenariosOn(
  control: HostControl,
  asked: Pick<ScenarioTarget, 'scenarios' | 'signal' | 'say'>,
): Promise<readonly ClauseObservation[]> {
  const { signal, say } = asked
  const base = await sceneOf(control, signal)
  const baseline = await baselineOf({ ...base, saw: () => {} })
  const observations: ClauseObservation[] = []
  for (const scenario of chosenFrom(asked)) {
    const reason = whyNot(scenario, base)
    if (reason !== undefined) {
      say(`${scenario.name}: not tested, ${reason}`)
      continue
    }
    const startedAt = performance.now()
    const seen = await runOne(scenario, base, baseline)
    say(summary(scenario, seen, startedAt))
    observations.push(...seen)
  }
  return observations
}

/**
 * Runs the scenarios named and gives one observation for each dynamic clause that names one of them and is
 * of the target's backend. The target is healed after each; what it cannot do is said and yields nothing.
 * Throws ScenarioError when the target cannot be read at first, or cannot be healed.
 */
export async function runScenarios(target: ScenarioTarget): Promise<readonly ClauseObservation[]> {
  const { lab, inventory, say } = target
  const control = lab === undefined ? await systemdControl(inventory, say) : labControl(lab.name)
  return runScenariosOn(control, target)
}
