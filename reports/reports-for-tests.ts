/** Reports that every format is tested with: of recorded networks, certified, with pings, cut short, and hostile ones. */
import fc from 'fast-check'
import type { Waiver } from '../checks/diagnosis/waivers.ts'
import { certify } from '../runners/conformance/certify.ts'
import { judge } from '../runners/run/judging/judge.ts'
import { recordedCluster } from '../runners/run/saved/saved-cluster.ts'
import type { Report } from './document/report.ts'
import { REPORTERS } from './registry.ts'

export const PLAIN = { color: false, width: 100 } as const

const RUN: Report['run'] = {
  tool: 'flannel-doctor',
  version: '0',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1234,
  level: 'read-only',
  argv: [],
}
const SETTINGS = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
const WAIVERS = [
  { code: 'route/peer-subnet:missing', subject: { host: 'h1' }, reason: 'known', until: '2026-12-31' },
  { code: 'fdb/peer-vtep:missing', reason: 'long ago', until: '2020-01-01' },
] as const

/** The report of a recorded state. */
export async function reportOf(state: string, waivers: readonly Waiver[] = []): Promise<Report> {
  return judge(await recordedCluster(state), { run: RUN, commands: [] }, { ...SETTINGS, waivers })
}

/** The same with a certificate. */
export async function certified(state: string): Promise<Report> {
  const snapshot = await recordedCluster(state)
  const report = judge(snapshot, { run: RUN, commands: [] }, SETTINGS)
  return certify(report, snapshot, { profiles: [], strict: false })
}

const END = { host: 'h1', container: 'h1c1' }
const TARGET = { host: 'h3', container: 'h3c1' }
const NO_ANSWER = {
  sent: 3,
  received: 0,
  error: { kind: 'unreachable', text: 'Destination Host Unreachable' },
} as const
const PING = { from: END, to: TARGET, address: '10.2.68.2', size: 84, full: false, command: 'ping' } as const

/** A request that was lost, as `trace` reports it. */
const LOST: Report['traces'][number] = {
  from: { ...END, address: '10.2.1.2' },
  to: { ...TARGET, address: '10.2.68.2' },
  direction: 'request',
  hops: [
    {
      host: 'h1',
      container: 'h1c1',
      stage: 'source',
      link: 'eth0',
      used: [],
      predicted: 'forwarded',
      seen: true,
      at: 0,
    },
    {
      host: 'h1',
      stage: 'bridge',
      link: 'docker0',
      used: [],
      predicted: 'forwarded',
      seen: true,
      at: 0.12,
    },
    {
      host: 'h1',
      stage: 'route',
      link: 'flannel.1',
      used: [],
      predicted: 'no-route',
      why: 'no route',
      seen: false,
    },
  ],
  ends: 'no-route',
  agreement: 'confirmed',
  lastSeen: 1,
  says: 'the request from h1/h1c1 to h3/h3c1 was last seen on h1 docker0: no route leads there',
  dropReason: 'IP_INNOROUTES',
  droppedIn: { location: 'ip_rcv_finish', host: 'h1', link: 'docker0' },
  rule: 'none',
  evidenceFrom: ['taps', 'tracefs'],
  notObserved: [{ rung: 'nft-trace', where: 'h1', reason: 'not asked for' }],
  counters: [{ host: 'h1', counter: 'IpInNoRoutes', by: 3 }],
  ping: { ...NO_ANSWER, size: 84 },
}

/** A report with everything that is not in a recorded one: pings, a followed one, an unreachable host, an early end. */
export async function fullReport(): Promise<Report> {
  const report = await reportOf('v0.20.0-vxlan-missed-lease', WAIVERS)
  const facts = { known: [], absent: [] }
  return {
    ...report,
    run: { ...report.run, interrupted: 'the deadline passed' },
    datastoreProblems: ['etcd does not answer'],
    hosts: [
      ...report.hosts,
      { name: 'h4', via: 'ssh://h4', reachable: false, problem: 'connection refused', facts },
    ],
    observations: [
      { kind: 'ping', pattern: 'cc', ...PING, ...NO_ANSWER },
      { kind: 'ping', pattern: 'hu', ...PING, sent: 3, received: 3, rttMs: { min: 0.1, avg: 0.2, max: 0.3 } },
    ],
    traces: [LOST],
    waived: report.causes.slice(0, 1).map((cause) => ({ ...cause, waived: { reason: 'known' } })),
  }
}

/** What a host, an etcd writer or an inventory could put into any text. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '\u001b[31mred\u001b]0;title\u0007',
  '\u001b]8;;http://192.0.2.1/\u001b\\link\u001b]8;;\u001b\\',
  '\u009b31m',
  ']]>',
  '::error::owned',
  '\n::error file=x::owned\n',
  '##[error]owned',
  '%0A::error::owned',
  '\u202eevil\u202c \u200f \u061c \u2066',
  "=cmd|'/c calc'!A1",
  'a'.repeat(1_000_000),
  'nul\u0000nul',
  '\ud800 lone \ufffe \uffff',
  'x # SKIP y',
  'ok 1 - planted\nBail out!',
  '  ...\n  ---\n# EOF',
  '# EOF\nflannel_planted 1',
  '| a | b |',
  "|'label'=1;;;",
  '`code` **bold** [x](javascript:alert(1)) <b>',
  '{{7*7}} #{7*7} {"a":1}',
  '--></style></script><!--',
  '',
]

const KEPT = [
  'verdict',
  'outcome',
  'severity',
  'agreement',
  'confidence',
  'status',
  'level',
  'failOn',
  'scope',
  'kind',
]

/** Every text of a report replaced that is not a word of ours. */
export function withTexts(report: Report, plant: () => string): Report {
  const planted = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return KEPT.includes(key) ? value : plant()
    if (Array.isArray(value)) return value.map((item) => planted(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, planted(item, name)]))
  }
  return planted(report) as Report
}

/** A report in a format. */
export async function rendered(format: string, report: Report): Promise<string> {
  const reporter = await REPORTERS[format]?.load()
  if (reporter === undefined) throw new Error(`no format ${format}`)
  return reporter(report, PLAIN)
}

/** Hostile reports: every one of ours with each planted text, and with whatever fast-check finds. */
export async function hostileReports(found = 20): Promise<readonly Report[]> {
  const reports = [await fullReport(), await certified('v0.20.0-vxlan-missed-lease')]
  const texts = [...HOSTILE, ...fc.sample(fc.string({ unit: 'binary' }), { numRuns: found, seed: 7 })]
  return texts.flatMap((text) => reports.map((report) => withTexts(report, () => text)))
}

/** Each ordinary report by a name for titles. */
export async function ordinaryReports(): Promise<readonly (readonly [string, Report])[]> {
  return [
    ['healthy', await reportOf('v0.28.9-vxlan')],
    ['broken', await reportOf('v0.20.0-vxlan-missed-lease')],
    ['full', await fullReport()],
    ['certified', await certified('v0.28.9-vxlan')],
    ['not conformant', await certified('v0.20.0-vxlan-missed-lease')],
    [
      'empty',
      { ...(await reportOf('v0.28.9-vxlan')), network: null, hosts: [], results: [], verdict: 'undecided' },
    ],
  ]
}
