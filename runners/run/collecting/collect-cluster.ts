/** Inventory to snapshot: hosts in parallel with a cap, etcd beside them, one deadline for all. */
import { flanneldOptions } from '../../../checks/expected/flanneld-options.ts'
import { etcdApiOf } from '../../../checks/expected/generation.ts'
import type { FlanneldProcess } from '../../../checks/model/daemon.ts'
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../../checks/model/snapshot.ts'
import type { RecordedCommand } from '../../../reports/document/build-report.ts'
import { type Collected, collectHost } from '../../collect/collect.ts'
import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { collectionPatience } from '../../collect/round-trip.ts'
import { packedSections } from '../../collect/section/packed-sections.ts'
import type { CollectSettings, FactCollector } from '../../collect/section/section.ts'
import { datastoreFacts, type HostWords } from '../../datastore/datastore-facts.ts'
import type { DatastoreReading } from '../../datastore/reading.ts'
import { type Runner, RunnerError } from '../../hosts/command/runner.ts'
import { parseHostUrl } from '../../hosts/host-url.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import { withPing } from '../../hosts/node-ping.ts'
import { stopText } from '../../interruption.ts'
import type { HostTarget, Inventory } from '../../inventory/inventory.ts'
import { unlessOverdue } from '../../overdue.ts'
import type { Patience } from '../../patience.ts'
import { pool } from '../../pool.ts'
import { type ShowProgress, watchHosts } from '../../show-progress.ts'
import { DatastoreBeside } from './datastore-beside.ts'
import { areMany, keepNewSpace } from './many-hosts.ts'
import { parsedHost } from './parsed-host.ts'
import { withPodNames } from './pod-names.ts'
import type { DatastoreTarget } from './read-datastore.ts'

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
  readonly reading: DatastoreReading
  /** What was read, as the running flanneld completed it; absent for what was read from a file. */
  readonly datastore?: DatastoreTarget
  readonly snapshot: ClusterSnapshot
  readonly commands: readonly RecordedCommand[]
  /** Set where addresses and names are replaced, as in the meta of a saved state. */
  readonly redacted?: string
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
    ...(['netns', 'kubectl'].includes(parseHostUrl(target.via).kind) && { sharesFiles: true }),
    containers,
  }
}

interface HostCollection extends CollectionSettings {
  readonly patience: Patience
  /** True where what hosts print would fill the memory. */
  readonly isOneOfMany: boolean
}

async function collectTarget(
  target: HostTarget,
  runner: Runner,
  { signal, facts = [], patience, isOneOfMany }: HostCollection,
): Promise<CollectedHost> {
  const settings = settingsOf(target)
  const collecting = async (): Promise<Collected> => {
    const collected = await collectHost(runner, settings, {
      signal,
      patience,
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
  const printed = isOneOfMany ? await packedSections(collected.sections) : collected
  const { commands, problem } = collected
  return {
    target,
    settings,
    collected: {
      commands,
      ...present({ problem }),
      get sections() {
        return printed.sections
      },
    },
    snapshot: parsedHost(target, collected, { facts, printed }),
  }
}

/** A host that a stop left no time, or that did not answer until then. */
function unanswered({ via }: HostTarget, signal: AbortSignal): Collected {
  const problem = new RunnerError('unreachable', `${via}: gave no answer before ${stopText(signal)}`)
  return { sections: [], commands: [], problem }
}

/** What the first flanneld that says something of it says about the datastore. */
function wordsOfFlanneld(hosts: readonly HostSnapshot[]): HostWords {
  const processes = hosts.flatMap(({ facts }) => (facts.flanneld.known ? facts.flanneld.value.processes : []))
  const first = <T>(read: (process: FlanneldProcess) => T | undefined): T | undefined => {
    for (const process of processes) {
      const found = read(process)
      if (found !== undefined) return found
    }
    return undefined
  }
  const files = hosts.flatMap(({ facts: { netConf } }) =>
    netConf.known && netConf.value.file ? [{ text: netConf.value.file.text, from: netConf.from }] : [],
  )
  return present({
    netConf: files[0],
    api: first(({ version }) => etcdApiOf(version)),
    annotationPrefix: first((process) => flanneldOptions(process).kubeAnnotationPrefix),
  })
}

/** Puts parsed hosts and a datastore reading together. */
export function clusterOf(
  hosts: readonly HostSnapshot[],
  reading: DatastoreReading,
  rest: Pick<ClusterSnapshot, 'window' | 'complete'>,
): ClusterSnapshot {
  const datastore = datastoreFacts(reading, wordsOfFlanneld(hosts))
  return {
    datastore,
    hosts: new Map(withPodNames(hosts, datastore.kubernetes).map((host) => [host.host, host])),
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
  const atOnce = Math.min(settings.concurrency, runners.length)
  const watch = watchHosts(settings.show, runners.length, `hosts answered, ${atOnce} at a time`)
  keepNewSpace(runners.length)
  const collection = { ...settings, patience: collectionPatience(), isOneOfMany: areMany(runners.length) }
  // Before anything else is loaded: hosts take longest.
  const answering = pool(runners, settings.concurrency, async ({ target, runner }) => {
    watch.asked(target.name)
    const host = await collectTarget(target, runner, collection)
    watch.answered(target.name)
    beside.answered(host)
    return host
  })
  const beside = new DatastoreBeside(inventory, signal)
  const hosts = await answering
  const { datastore, reading } = await beside.whole()
  const window = { from, to: Date.now() }
  const snapshots = hosts.map(({ snapshot }) => snapshot)
  const snapshot = clusterOf(snapshots, reading, { window, complete: inventory.complete })
  const commands = hosts.flatMap(({ collected }) => collected.commands)
  return { hosts, reading, datastore, snapshot, commands }
}
