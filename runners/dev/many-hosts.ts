/** A report of many hosts out of a recorded one: every host of it again and again under other names. */
import type { Report } from '../../reports/document/report.ts'

/** Pings that each host sends. */
const PINGS = 8

function renamed<T>(value: T, names: ReadonlyMap<string, string>): T {
  const any = new RegExp(`\\b(?:${[...names.keys()].join('|')})(?![\\w])`, 'g')
  return JSON.parse(JSON.stringify(value).replaceAll(any, (name) => names.get(name) ?? name)) as T
}

function pings(hosts: readonly string[]): Report['observations'] {
  return hosts.flatMap((host, at) =>
    Array.from({ length: PINGS }, (_, step) => ({
      kind: 'ping' as const,
      pattern: 'cc' as const,
      from: { host },
      to: { host: hosts[(at + step + 1) % hosts.length] ?? host },
      address: '10.5.0.1',
      size: 84,
      full: false,
      command: 'ping 10.5.0.1',
      sent: 3,
      received: step === 0 ? 0 : 3,
      rttMs: { min: 0.1, avg: 0.2, max: 0.3 },
    })),
  )
}

/** The report with `count` hosts, causes and findings of each of them, and pings between them. */
export function manyHosts(report: Report, count: number): Report {
  const own = report.hosts.map(({ name }) => name)
  const copies = Array.from({ length: Math.ceil(count / own.length) }, (_, copy) => {
    const names = new Map(own.map((name, at) => [name, `node-${copy * own.length + at + 1}`]))
    const { hosts, causes, network, results } = report
    const ofHosts = results.filter(({ host }) => host !== undefined)
    return renamed({ hosts, causes, leases: network?.leases ?? [], results: ofHosts }, names)
  })
  const hosts = copies.flatMap((copy) => copy.hosts).slice(0, count)
  return {
    ...report,
    hosts,
    network: report.network && { ...report.network, leases: copies.flatMap((copy) => copy.leases) },
    results: [
      ...report.results.filter(({ host }) => host === undefined),
      ...copies.flatMap((copy) => copy.results),
    ],
    causes: copies.flatMap((copy) => copy.causes).map((cause, at) => ({ ...cause, rank: at + 1 })),
    observations: pings(hosts.map(({ name }) => name)),
    commands: hosts.map(({ name }, at) => ({
      host: name,
      argv: ['sh', '-s'],
      ms: 50 + (at % 200),
      end: 'exit 0',
    })),
  }
}
