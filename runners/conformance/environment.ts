/** What a certificate holds for: versions and kinds, no names and no addresses. */
import { runningOf } from '../../checks/clauses/applies.ts'
import { knownValue } from '../../checks/expected/observed-host.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../checks/model/snapshot.ts'
import type { ReportEnvironment } from '../../reports/document/certificate.ts'
import type { Report } from '../../reports/document/report.ts'

/** Different values, sorted. */
function distinct(values: Iterable<string | undefined>): string[] {
  return [...new Set([...values].filter((value) => value !== undefined))].toSorted()
}

/** The variant that holds rules, or the one that answers where none does. */
function iptablesOf({ facts }: HostSnapshot): string | undefined {
  const legacy = knownValue(facts.iptablesLegacy)
  const usual = knownValue(facts.iptables)
  const written = [usual, legacy].filter((world) => world !== undefined && world.rules.length > 0)
  return (
    distinct((written.length > 0 ? written : [usual]).map((world) => world?.variant)).join(' and ') ||
    undefined
  )
}

/** The environment of a run, from what was collected. */
export function environmentOf(snapshot: ClusterSnapshot, run: Report['run']): ReportEnvironment {
  const hosts = [...snapshot.hosts.values()]
  const { backend, versions } = runningOf(snapshot)
  const etcd = knownValue(snapshot.datastore.etcd)
  const cluster = knownValue(snapshot.datastore.kubernetes)
  return {
    suite: run.version,
    flannel: distinct(versions.values()),
    flannelUnknown: [...versions.values()].filter((version) => version === undefined).length,
    ...present({ backend }),
    etcd: distinct((etcd?.endpoints ?? []).map(({ version }) => version)),
    ...(etcd !== undefined && { etcdApi: etcd.api }),
    ...(cluster !== undefined && { kubernetes: cluster.version ?? 'unknown' }),
    kernel: distinct(hosts.map(({ facts }) => knownValue(facts.kernel)?.release)),
    iptables: distinct(hosts.map(iptablesOf)),
    docker: distinct(hosts.map(({ facts }) => knownValue(facts.docker)?.version)),
    hosts: hosts.length,
    date: run.recorded?.at ?? run.startedAt,
  }
}
