/** Scenarios on host-gw and udp; checks/conformance.test.ts runs all of them on vxlan. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { applies } from '../../../checks/clauses/applies.ts'
import type { ClauseObservation } from '../../../checks/clauses/clause.ts'
import { CLAUSES } from '../../../checks/clauses/registry.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { withLab } from '../../lab/build/up.ts'
import { judgeLab } from '../../lab/matrix/judge-lab.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import type { LabState } from '../../lab/running/state.ts'
import { loadPlugins } from '../../plugins/load-plugins.ts'
import { needs } from '../../test-needs.ts'
import { actForPlugins } from '../plugin-actions.ts'
import { SCENARIOS } from './all-scenarios.ts'
import { runScenarios } from './run-scenarios.ts'

const IP_FORWARD_OFF = 'route/forwarding:disabled'
const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
/** Of a whole run, which takes a minute and on a busy machine several. */
const DEADLINE_MS = 900_000

/** Observations of the clauses that are about the lab's version. */
function about(lab: LabState, seen: readonly ClauseObservation[]): readonly ClauseObservation[] {
  const { backend, flanneld } = lab
  return seen.filter(({ clause: id }) => {
    const clause = CLAUSES.find((each) => each.id === id)
    return clause !== undefined && applies(clause, flanneld.version, { backend, leases: 'etcd' }) === 'yes'
  })
}

/** Dynamic clauses of the lab's version and backend, by id. */
function wanted({ backend, flanneld }: LabState, names: readonly string[]): readonly string[] {
  return CLAUSES.filter(
    (clause) =>
      clause.proof.kind === 'dynamic' &&
      names.includes(clause.proof.scenario) &&
      applies(clause, flanneld.version, { backend, leases: 'etcd' }) === 'yes',
  )
    .map(({ id }) => id)
    .toSorted()
}

/** A plugin whose two clauses are about what follows an action; nothing repairs the second. */
const PLUGIN = `const off = (value) => [{ on: 'victim', argv: ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=' + value] }]
const fault = (id, value) => ({ id, title: 'x', backends: ['host-gw', 'udp'], cause: 'SUBJECT', inject: () => off(value), heal: () => off(1) })
const clause = (id, after) => ({ id, level: 'MUST', says: 'x', source: 'x', codes: ['SUBJECT'], after })
export default { apiVersion: 1, name: 'acme', faults: [fault('acme/forward-on', 1), fault('acme/forward-off', 0)],
  clauses: [clause('ACME-FWD-01', 'acme/forward-on'), clause('ACME-FWD-02', 'acme/forward-off')] }`

async function ofPlugin(lab: LabState, signal: AbortSignal): Promise<readonly string[]> {
  const path = join(lab.directory, 'acme.mjs')
  writeFileSync(path, PLUGIN.replaceAll('SUBJECT', IP_FORWARD_OFF))
  const plugins = await loadPlugins([{ named: path, from: '/', by: '--plugin', isTyped: true }])
  const { observations } = await actForPlugins(lab, plugins.actions, { signal, plugins, patienceMs: 500 })
  plugins.close()
  return observations.map(({ clause, status }) => `${clause} ${status}`)
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
    t.deepEqual(await ofPlugin(lab, signal), ['ACME-FWD-01 met', 'ACME-FWD-02 not-met'])
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
