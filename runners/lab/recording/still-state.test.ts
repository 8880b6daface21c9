/** Recordings made still keep what they say: the same report, whatever had a new name. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { RUN } from '../../../reports/run-for-tests.ts'
import { collectHost, factsFromSections } from '../../collect/collect.ts'
import { replayRunner } from '../../collect/saved/replay.ts'
import { loadState, type SavedHost, type SavedState } from '../../collect/saved/saved-state.ts'
import { textsOf } from '../../collect/saved/state-texts.ts'
import type { EtcdReading } from '../../datastore/reading.ts'
import { RunnerError } from '../../hosts/command/runner.ts'
import { type CollectedCluster, type CollectedHost, clusterOf } from '../../run/collecting/collect-cluster.ts'
import { judge } from '../../run/judging/judge.ts'
import { stillState } from './still-state.ts'

const STATES = fileURLToPath(new URL('../../../fixtures/states/', import.meta.url))
const LAB = {
  name: 'n0hc',
  token: 'n0hc',
  directory: '/run/flannel-doctor/labs/n0hc',
  flanneld: { path: '/root/.cache/flannel-doctor/flanneld/v0.28.9/flanneld', version: 'v0.28.9' },
} as const

async function hostOf(host: SavedHost): Promise<CollectedHost> {
  const target = { name: host.name, via: host.via }
  const { settings = { containers: [] }, unreachable } = host
  if (unreachable !== undefined) {
    const problem = new RunnerError('unreachable', unreachable)
    const snapshot = factsFromSections(target, [], problem)
    return { target, settings, collected: { sections: [], commands: [], problem }, snapshot }
  }
  const collected = await collectHost(replayRunner(host), settings)
  return { target, settings, collected, snapshot: factsFromSections(target, collected.sections) }
}

/** A saved state as if it had just been collected. */
async function collectedFrom({ meta, hosts, datastore }: SavedState): Promise<CollectedCluster> {
  const found = await Promise.all(hosts.map(hostOf))
  const reading = datastore as EtcdReading
  const at = Date.parse(meta.at)
  const rest = { window: { from: at, to: at }, complete: meta.complete }
  const snapshot = clusterOf(
    found.map((host) => host.snapshot),
    reading,
    rest,
  )
  return { hosts: found, reading, snapshot, commands: [] }
}

const still = (cluster: CollectedCluster): SavedState =>
  stillState({ lab: LAB, healthy: cluster, now: cluster, isChosen: () => false })

/** What a report says, without the names that are new in it. */
function said({ snapshot }: CollectedCluster) {
  const report = judge(
    snapshot,
    { run: RUN, commands: [] },
    { selection: { only: [], skip: [] }, failOn: 'warning' },
  )
  const outcomes = report.results.map(({ check, host, outcome, findings }) => [
    check,
    host,
    outcome,
    ...findings.map(({ code, severity, subject: { host: at, peer } }) => [code, severity, at, peer]),
  ])
  const causes = report.causes.map(({ code, subject: { host, peer } }) => [code, host, peer])
  return { verdict: report.verdict, causes, outcomes }
}

// Nodes have a date of birth, which stays beside a clock that is set.
for (const name of readdirSync(STATES).filter((one) => !one.startsWith('k8s-'))) {
  test(`${name} made still says the same, and is still when made so again`, async (t) => {
    const cluster = await collectedFrom(loadState(`${STATES}${name}`))
    const once = still(cluster)
    const again = await collectedFrom(once)
    t.deepEqual(said(again), said(cluster))
    t.deepEqual(textsOf(still(again)), textsOf(once))
  })
}

test('the same MAC has the same name in every table of every host and in etcd', async (t) => {
  const cluster = await collectedFrom(loadState(`${STATES}v0.28.9-vxlan`))
  const files = [...textsOf(still(cluster))]
  const vteps = cluster.hosts.map(({ snapshot: { facts } }) =>
    facts.links.known ? facts.links.value.find(({ kind }) => kind === 'vxlan')?.mac : undefined,
  )
  t.is(vteps.length, 3)
  for (const [at, mac] of vteps.entries()) {
    t.truthy(mac)
    t.deepEqual(
      files.filter(([, text]) => text.includes(mac as string)).map(([path]) => path),
      [],
    )
    const name = `06:fd:0${at + 1}:00:02:00`
    const places = files.filter(([, text]) => text.includes(name)).map(([path]) => path)
    for (const path of [
      'datastore.json',
      `h${at + 1}/links.txt`,
      `h${((at + 1) % 3) + 1}/fdb.txt`,
      `h${((at + 2) % 3) + 1}/neighbours.txt`,
    ]) {
      t.true(places.includes(path), `${name} in ${path}, found in ${places.join(', ')}`)
    }
  }
})
