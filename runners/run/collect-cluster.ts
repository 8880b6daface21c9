/** Inventory to snapshot: hosts in parallel with a cap, etcd beside them, one deadline for all. */
import { etcdApiOf } from '../../checks/expected/generation.ts'
import type { EtcdApi } from '../../checks/model/network-config.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../checks/model/snapshot.ts'
import type { RecordedCommand } from '../../reports/build-report.ts'
import { type Collected, collectHost, factsFromSections, withFacts } from '../collect/collect.ts'
import { FACT_COLLECTORS } from '../collect/facts/index.ts'
import type { CollectSettings, FactCollector } from '../collect/section/section.ts'
import { datastoreFacts } from '../datastore/datastore-facts.ts'
import { type EtcdReading, unreadEtcd } from '../datastore/reading.ts'
import { type Runner, RunnerError } from '../hosts/command/runner.ts'
import { parseHostUrl } from '../hosts/host-url.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import { withPing } from '../hosts/node-ping.ts'
import type { EtcdTarget, HostTarget, Inventory } from '../inventory/inventory.ts'
import { applyFlanneld, etcdRequest } from '../inventory/targets.ts'
import { unlessOverdue } from '../overdue.ts'
import { pool } from '../pool.ts'
import { type ShowProgress, watchHosts } from '../show-progress.ts'
import { DEADLINE_PASSED, interruption } from './interruption.ts'

/** Hosts collected at the same time unless told otherwise. */
export const DEFAULT_CONCURRENCY = 8

export interface CollectionSettings {
  readonly concurrency: number
  readonly signal: AbortSignal
  readonly show?: ShowProgress
  /** Facts of plugins, collected behind ours. */
  readonly facts?: readonly FactCollector[]
}

/** One host as collected, raw and parsed. */
export interface CollectedHost {
  readonly target: HostTarget
  readonly settings: CollectSettings
  readonly collected: Collected
  readonly snapshot: HostSnapshot
}

/** Everything one run has gathered. */
export interface CollectedCluster {
  readonly hosts: readonly CollectedHost[]
  readonly reading: EtcdReading
  readonly snapshot: ClusterSnapshot
  readonly commands: readonly RecordedCommand[]
}

/** What an inventory entry changes in the commands. Containers are entered by namespace. */
export function settingsOf(target: HostTarget): CollectSettings {
  const containers = (target.containers ?? []).flatMap(({ name, via }) => {
    const url = parseHostUrl(via)
    return url.kind === 'netns' ? [{ name, namespace: url.namespace }] : []
  })
  return {
    ...present({
      subnetFile: target.subnetFile,
      flanneldPid: target.flanneldPid,
      flanneldLog: target.flanneldLog,
      dockerSocket: target.dockerSocket,
      dockerOptionsFile: target.dockerOptionsFile,
    }),
    ...(parseHostUrl(target.via).kind === 'netns' && { sharesFiles: true }),
    containers,
  }
}

async function collectTarget(
  target: HostTarget,
  runner: Runner,
  { signal, facts = [] }: CollectionSettings,
): Promise<CollectedHost> {
  const settings = settingsOf(target)
  const collecting = async (): Promise<Collected> => {
    const collected = await collectHost(runner, settings, {
      signal,
      collectors: [...FACT_COLLECTORS, ...facts],
    })
    await runner.close()
    const { problem, sections } = collected
    if (problem !== undefined) return { ...collected, problem: await withPing(target.via, problem) }
    return sections.length === 0 && signal.aborted ? unanswered(target, signal) : collected
  }
  const collected = signal.aborted
    ? unanswered(target, signal)
    : await unlessOverdue(collecting(), signal, () => unanswered(target, signal))
  return {
    target,
    settings,
    collected,
    snapshot: withFacts(factsFromSections(target, collected.sections, collected.problem), collected, facts),
  }
}

/** A host that a stop left no time, or that did not answer until then. */
function unanswered({ via }: HostTarget, signal: AbortSignal): Collected {
  const problem = new RunnerError('unreachable', `${via}: gave no answer before ${stopText(signal)}`)
  return { sections: [], commands: [], problem }
}

const stopText = (signal: AbortSignal): string =>
  interruption(signal) === DEADLINE_PASSED ? 'the deadline' : 'the run was interrupted'

async function readDatastore(etcd: EtcdTarget, signal: AbortSignal): Promise<EtcdReading> {
  const request = etcdRequest(etcd)
  const reading = async (): Promise<EtcdReading> => {
    if (etcd.via !== undefined) {
      const { readEtcdVia } = await import('../datastore/read-via.ts')
      return { ...(await readEtcdVia(makeRunner('etcd', etcd.via), request, signal)), via: etcd.via }
    }
    const { readEtcd } = await import('../datastore/read-etcd.ts')
    return readEtcd(request, signal)
  }
  return unlessOverdue(reading(), signal, () =>
    unreadEtcd(request, `gave no answer before ${stopText(signal)}`),
  )
}

/** etcd as far as the running flanneld of the first host that has one can complete it. */
function completedEtcd(inventory: Inventory, hosts: readonly CollectedHost[]): EtcdTarget {
  for (const { target, snapshot } of hosts) {
    const { flanneld } = snapshot.facts
    const process = flanneld.known ? flanneld.value.processes[0] : undefined
    if (process !== undefined) return applyFlanneld(inventory, process, target.via).etcd
  }
  return inventory.etcd
}

/** The API the hosts' flanneld speaks, by its version; undefined when none says. */
function apiOfFlanneld(hosts: readonly HostSnapshot[]): EtcdApi | undefined {
  for (const { facts } of hosts) {
    const version = facts.flanneld.known ? facts.flanneld.value.processes[0]?.version : undefined
    const api = etcdApiOf(version)
    if (api !== undefined) return api
  }
  return undefined
}

/** Puts parsed hosts and a datastore reading together. */
export function clusterOf(
  hosts: readonly HostSnapshot[],
  reading: EtcdReading,
  rest: Pick<ClusterSnapshot, 'window' | 'complete'>,
): ClusterSnapshot {
  return {
    datastore: datastoreFacts(reading, apiOfFlanneld(hosts)),
    hosts: new Map(hosts.map((host) => [host.host, host])),
    ...rest,
  }
}

/**
 * Collects every host of an inventory and its datastore. Hosts that fail are in the result
 * with the reason. Throws InputError for a host URL this version has no runner for.
 */
export async function collectCluster(
  inventory: Inventory,
  settings: CollectionSettings,
): Promise<CollectedCluster> {
  const from = Date.now()
  const { signal } = settings
  const runners = inventory.hosts.map((target) => ({
    target,
    runner: makeRunner(target.name, target.via, target),
  }))
  const isComplete = inventory.etcd.endpoints !== undefined && inventory.etcd.prefix !== undefined
  const early = isComplete ? readDatastore(inventory.etcd, signal) : undefined
  early?.catch(() => {}) // awaited below; until then it must not count as unheard
  const watch = watchHosts(settings.show, runners.length, 'hosts answered')
  const hosts = await pool(runners, settings.concurrency, async ({ target, runner }) => {
    watch.asked(target.name)
    const host = await collectTarget(target, runner, settings)
    watch.answered(target.name)
    return host
  })
  const reading = await (early ?? readDatastore(completedEtcd(inventory, hosts), signal))
  const window = { from, to: Date.now() }
  const snapshots = hosts.map(({ snapshot }) => snapshot)
  return {
    hosts,
    reading,
    snapshot: clusterOf(snapshots, reading, { window, complete: inventory.complete }),
    commands: hosts.flatMap(({ collected }) => collected.commands),
  }
}
