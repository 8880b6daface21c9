/** Scenarios on host-gw and udp; checks/conformance.test.ts runs all of them on vxlan. */
import test, { type ExecutionContext } from 'ava'
import { applies } from '../../../checks/clauses/applies.ts'
import type { ClauseObservation } from '../../../checks/clauses/clause.ts'
import { CLAUSES } from '../../../checks/clauses/registry.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { withLab } from '../../lab/build/up.ts'
import { judgeLab } from '../../lab/matrix/judge-lab.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import type { LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { SCENARIOS } from './all-scenarios.ts'
import { runScenarios } from './run-scenarios.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
/** Of a whole run, which takes a minute and on a busy machine several. */
const DEADLINE_MS = 900_000

/** Observations of the clauses that are about the lab's version. */
function about(lab: LabState, seen: readonly ClauseObservation[]): readonly ClauseObservation[] {
  const { backend, flanneld } = lab
  return seen.filter(({ clause: id }) => {
    const clause = CLAUSES.find((each) => each.id === id)
    return clause !== undefined && applies(clause, { version: flanneld.version, backend }) === 'yes'
  })
}

/** Dynamic clauses of the lab's version and backend, by id. */
function wanted({ backend, flanneld }: LabState, names: readonly string[]): readonly string[] {
  return CLAUSES.filter(
    (clause) =>
      clause.proof.kind === 'dynamic' &&
      names.includes(clause.proof.scenario) &&
      applies(clause, { version: flanneld.version, backend }) === 'yes',
  )
    .map(({ id }) => id)
    .toSorted()
}

async function keepsAll(t: ExecutionContext, backend: LabBackend, names: readonly string[]): Promise<void> {
  t.timeout(DEADLINE_MS)
  await withLab({ backend }, async (lab) => {
    const inventory = await loadInventory(lab.inventory)
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const said: string[] = []
    const say = (line: string): number => said.push(line)
    const seen = about(lab, await runScenarios({ inventory, lab, scenarios: names, signal, say }))
    for (const line of said) t.log(line)
    t.deepEqual(
      seen.filter(({ status }) => status !== 'met'),
      [],
    )
    t.deepEqual(seen.map(({ clause }) => clause).toSorted(), wanted(lab, names))
    t.is((await judgeLab(lab)).verdict, 'healthy', 'the lab is healed')
  })
}

live('host-gw: leases are followed, and a deleted route comes back', (t) =>
  keepsAll(t, 'host-gw', ['remove-peer-lease', 'delete-peer-route', 'terminate-flanneld']),
)

live('udp: a host that joins is reached, and a kill is survived', (t) =>
  keepsAll(t, 'udp', ['ping-mesh', 'add-host', 'kill-flanneld']),
)

test('every scenario that a clause names is there, and every scenario is named by a clause', (t) => {
  const named = CLAUSES.flatMap(({ proof }) => (proof.kind === 'dynamic' ? [proof.scenario] : []))
  t.deepEqual([...new Set(named)].toSorted(), SCENARIOS.map(({ name }) => name).toSorted())
})
