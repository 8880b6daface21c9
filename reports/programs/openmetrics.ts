/**
 * OpenMetrics 1.0 text, for Prometheus, a push gateway or the textfile collector of the node exporter. That one reads the
 * older format 0.0.4, which knows neither info nor stateset and skips `# UNIT` and `# EOF`: all families are gauges.
 */

import type { FailedRunReporter } from '../document/failed-run.ts'
import type { Report, Reporter } from '../document/report.ts'
import { VERDICT_TITLES } from '../words/verdict-title.ts'
import { casesOf } from './cases.ts'
import { pingFamilies } from './openmetrics-pings.ts'
import { escaped, exposition, type Family, type Labels, type Sample } from './openmetrics-text.ts'

/** Samples of the same labels are one: a family may hold no two alike. */
function counted(all: readonly Labels[]): Sample[] {
  const groups = Map.groupBy(all, (labels) => JSON.stringify(Object.values(labels).map(escaped)))
  return [...groups.values()].map((group) => ({ labels: group[0] ?? {}, value: group.length }))
}

function runFamilies({ run, verdict }: Report): Family[] {
  return [
    {
      name: 'flannel_doctor_info',
      type: 'gauge',
      help: 'The tool that looked.',
      samples: [{ labels: { version: run.version, level: run.level }, value: 1 }],
    },
    {
      name: 'flannel_verdict',
      type: 'gauge',
      help: 'What the network was found to be.',
      samples: Object.keys(VERDICT_TITLES).map((each) => ({
        labels: { flannel_verdict: each },
        value: each === verdict ? 1 : 0,
      })),
    },
    {
      name: 'flannel_run_complete',
      type: 'gauge',
      help: '1 when the run came to its end.',
      samples: [{ value: run.interrupted === undefined ? 1 : 0 }],
    },
    {
      name: 'flannel_run_duration_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'How long the run took.',
      samples: [{ value: run.durationMs / 1000 }],
    },
    {
      name: 'flannel_run_start_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When the run began, since 1970.',
      samples: [{ value: Date.parse(run.startedAt) / 1000 || 0 }],
    },
  ]
}

function networkFamilies({ network, hosts }: Report): Family[] {
  const reachable = new Map(hosts.map(({ name, reachable: is }) => [escaped(name), { name, is }]))
  const ttl = (network?.leases ?? []).flatMap(({ subnet, publicIp, ttlSeconds }) =>
    ttlSeconds === undefined ? [] : [{ labels: { subnet, public_ip: publicIp }, value: ttlSeconds }],
  )
  return [
    {
      name: 'flannel_host_reachable',
      type: 'gauge',
      help: '1 when the host could be read.',
      samples: [...reachable.values()].map(({ name, is }) => ({ labels: { host: name }, value: is ? 1 : 0 })),
    },
    {
      name: 'flannel_leases',
      type: 'gauge',
      help: 'Leases of subnets in etcd.',
      samples: network === null ? [] : [{ value: network.leases.length }],
    },
    {
      name: 'flannel_lease_ttl_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Time until the lease expires.',
      samples: [
        ...new Map(
          ttl.map((sample) => [JSON.stringify(Object.values(sample.labels).map(escaped)), sample]),
        ).values(),
      ],
    },
  ]
}

function judgedFamilies(report: Report): Family[] {
  const causes = report.causes.map(({ code, severity, subject }) => ({
    code,
    severity,
    host: subject.host ?? '',
    peer: subject.peer ?? '',
  }))
  const waived = report.results.flatMap(({ findings }) => findings.filter((each) => each.waived)).length
  return [
    {
      name: 'flannel_cases',
      type: 'gauge',
      help: 'What was judged, by layer and outcome.',
      samples: counted(casesOf(report).map(({ suite, status }) => ({ layer: suite, status }))),
    },
    {
      name: 'flannel_causes',
      type: 'gauge',
      help: 'Root causes that were found.',
      samples: counted(causes),
    },
    {
      name: 'flannel_waived_findings',
      type: 'gauge',
      help: 'Findings that somebody has accepted.',
      samples: [{ value: waived }],
    },
  ]
}

/** Renders verdict, hosts, leases, causes and pings as gauges. */
export const openmetrics: Reporter = (report) =>
  exposition([
    ...runFamilies(report),
    ...networkFamilies(report),
    ...judgedFamilies(report),
    ...pingFamilies(report),
  ])

/** A run that died: it is not complete, and nothing else is said. */
export const failedOpenmetrics: FailedRunReporter = ({ version }) =>
  exposition([
    {
      name: 'flannel_doctor_info',
      type: 'gauge',
      help: 'The tool that looked.',
      samples: [{ labels: { version }, value: 1 }],
    },
    {
      name: 'flannel_run_complete',
      type: 'gauge',
      help: '1 when the run came to its end.',
      samples: [{ value: 0 }],
    },
  ])
