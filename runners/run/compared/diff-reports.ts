/** Two reports compared in flannel's terms: leases, hosts, configuration, findings. */
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import {
  type DiffFinding,
  type DiffSide,
  findingKey,
  type ReportDiff,
} from '../../../reports/diff/report-diff.ts'
import type { FindingRef, Report } from '../../../reports/document/report.ts'
import { hostStateChanges } from './diff-hosts.ts'

type Lease = NonNullable<Report['network']>['leases'][number]

/** The cause of each symptom, by what the symptom is about; the one that is ranked first where there are several. */
function causesOf({ causes, waived = [] }: Report): ReadonlyMap<string, FindingRef> {
  const all = [...causes, ...waived].flatMap(({ code, subject, explains }) =>
    explains.map((symptom) => [findingKey(symptom), { code, subject }] as const),
  )
  return new Map(all.toReversed())
}

function findingsOf(report: Report): ReadonlyMap<string, DiffFinding> {
  const causes = causesOf(report)
  const all = report.results.flatMap(({ findings }) => findings)
  return new Map(
    all.map(({ code, severity, subject, message, waived }) => {
      const key = findingKey({ code, subject })
      const explainedBy = causes.get(key)
      return [key, { code, severity, subject, message, ...present({ waived, explainedBy }) }]
    }),
  )
}

function leasesOf({ network }: Report): ReadonlyMap<string, Lease> {
  return new Map((network?.leases ?? []).map((lease) => [lease.publicIp, lease]))
}

function ownerText({ host, publicIp }: Lease): string {
  return host === undefined ? publicIp : `${host} (${publicIp})`
}

/** Compared by public IP: flannel keeps one lease per public IP. */
function leaseChanges(before: Report, after: Report): readonly string[] {
  const [old, now] = [leasesOf(before), leasesOf(after)]
  const moved = [...now].flatMap(([publicIp, lease]) => {
    const was = old.get(publicIp)
    const owner = ownerText(lease)
    if (was === undefined) return [`${owner} has a new lease: ${lease.subnet}`]
    return [
      ...(was.subnet === lease.subnet
        ? []
        : [`the lease of ${owner} moved from ${was.subnet} to ${lease.subnet}`]),
      ...(was.vtepMac === lease.vtepMac
        ? []
        : [`the VTEP MAC of ${owner} changed from ${was.vtepMac ?? 'none'} to ${lease.vtepMac ?? 'none'}`]),
    ]
  })
  const gone = [...old].flatMap(([publicIp, lease]) =>
    now.has(publicIp) ? [] : [`the lease ${lease.subnet} of ${ownerText(lease)} is gone`],
  )
  return [...moved, ...gone]
}

function hostChanges(before: Report, after: Report): readonly string[] {
  const old = new Map(before.hosts.map((host) => [host.name, host]))
  const now = new Set(after.hosts.map(({ name }) => name))
  return [
    ...after.hosts.flatMap(({ name, reachable, problem }) => {
      const was = old.get(name)
      if (was === undefined) return [`${name} was not looked at before`]
      if (was.reachable === reachable) return []
      return [
        reachable
          ? `${name} can be read again`
          : `${name} can no longer be read: ${problem ?? 'no reason given'}`,
      ]
    }),
    ...before.hosts.flatMap(({ name }) => (now.has(name) ? [] : [`${name} was not looked at any more`])),
  ]
}

function networkChanges(before: Report, after: Report): readonly string[] {
  const [old, now] = [before.network, after.network]
  if (old === null || now === null) {
    return old === now ? [] : [now === null ? "etcd's part can no longer be read" : "etcd's part can be read"]
  }
  return (['config', 'backend', 'network', 'prefix', 'api'] as const).flatMap((key) =>
    old[key] === now[key] ? [] : [`${key} changed from ${old[key]} to ${now[key]}`],
  )
}

function sideOf(report: Report, from: string): DiffSide {
  return { from, verdict: report.verdict, at: report.run.recorded?.at ?? report.run.startedAt }
}

/** A report, and what it was judged by where that is a saved state. */
export interface DiffInput {
  readonly from: string
  readonly report: Report
  readonly snapshot?: ClusterSnapshot
}

/** What is new, what is gone and what stayed from the first report to the second; `version` is that of this tool. */
export function diffReports(before: DiffInput, after: DiffInput, version: string): ReportDiff {
  const [old, now] = [findingsOf(before.report), findingsOf(after.report)]
  return {
    schemaVersion: 1,
    version,
    before: sideOf(before.report, before.from),
    after: sideOf(after.report, after.from),
    changes: [
      ...[networkChanges, leaseChanges, hostChanges].flatMap((changes) =>
        changes(before.report, after.report),
      ),
      ...(before.snapshot && after.snapshot ? hostStateChanges(before.snapshot, after.snapshot) : []),
    ],
    findings: {
      new: [...now].flatMap(([key, finding]) => (old.has(key) ? [] : [finding])),
      fixed: [...old].flatMap(([key, finding]) => (now.has(key) ? [] : [finding])),
      unchanged: [...now].flatMap(([key, finding]) => (old.has(key) ? [finding] : [])),
    },
  }
}
