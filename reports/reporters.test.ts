import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import fc from 'fast-check'
import { fromJSONSchema } from 'zod'
import type { ClusterSnapshot } from '../checks/model/snapshot.ts'
import { judge } from '../runners/run/judging/judge.ts'
import { loadCluster, recordedCluster } from '../runners/run/saved/saved-cluster.ts'
import { exitCode } from './document/exit-code.ts'
import type { Report, ReportCause } from './document/report.ts'
import { json } from './programs/json.ts'
import { text } from './text/text.ts'

const PLAIN = { color: false, width: 100 }
const schema = fromJSONSchema(
  JSON.parse(readFileSync(new URL('report.schema.json', import.meta.url), 'utf8')),
)
const RUN = {
  tool: 'flannel-doctor',
  version: '0',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1,
  argv: [],
}

const FACTS = { run: { ...RUN, level: 'read-only' }, commands: [] } as const
const ALL = { selection: { only: [], skip: [] }, failOn: 'warning' } as const

async function reportOf(state: string): Promise<Report> {
  return judge(await recordedCluster(state), FACTS, ALL)
}

async function recordedFault(name: string): Promise<ClusterSnapshot> {
  const directory = new URL(`../fixtures/fault-states/${name}`, import.meta.url)
  return (await loadCluster(fileURLToPath(directory))).snapshot
}

/** Every text of a report replaced: what a host or an etcd writer could plant anywhere. */
function withTexts(report: Report, planted: string): Report {
  const plant = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') {
      return ['verdict', 'outcome', 'severity', 'agreement', 'check', 'failOn'].includes(key)
        ? value
        : planted
    }
    if (Array.isArray(value)) return value.map((item) => plant(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plant(item, name)]))
  }
  return plant(report) as Report
}

for (const state of ['v0.28.9-vxlan', 'v0.20.0-vxlan-missed-lease', 'v0.10.0-udp']) {
  test(`json of ${state} keeps its schema`, async (t) => {
    const parsed = schema.safeParse(JSON.parse(json(await reportOf(state), PLAIN)))
    t.true(parsed.success, parsed.error?.message)
  })
}

test('the schema refuses a report without a verdict', async (t) => {
  const { verdict: _, ...rest } = await reportOf('v0.28.9-vxlan')
  t.false(schema.safeParse(rest).success)
})

test('text begins with the verdict and puts symptoms under their cause', async (t) => {
  const lines = text(await reportOf('v0.20.0-vxlan-missed-lease'), PLAIN).split('\n')
  t.regex(lines[0] ?? '', /^BROKEN {2}flannel vxlan 10\.2\.0\.0\/16, 3 leases in etcd v3/)
  t.regex(lines[2] ?? '', /^1\. h1 has neither route, neighbour nor FDB entry for 10\.2\.68\.0\/24 of h3/)
  const explained = lines.findIndex((line) => line.includes('explains'))
  t.regex(lines[explained] ?? '', /route\/peer-subnet:missing/)
  t.regex(lines[explained + 1] ?? '', /neighbour\/peer-vtep:missing/)
  t.regex(lines[explained + 2] ?? '', /fdb\/peer-vtep:missing/)
  t.false(
    lines.some((line) => line.startsWith('2. ')),
    'one fault, one cause',
  )
})

test('a healthy report is healthy, and its counts balance', async (t) => {
  const report = await reportOf('v0.28.9-vxlan')
  const rendered = text(report, PLAIN)
  t.regex(rendered, /^HEALTHY/)
  const counts = [...rendered.matchAll(/(\d+) (?:passed|failed|undecided|not applicable|errors)/g)]
  t.is(counts.length, 5)
  t.is(
    counts.reduce((sum, [, count]) => sum + Number(count), 0),
    report.results.length,
  )
})

test('colour only where asked for', async (t) => {
  const report = await reportOf('v0.20.0-vxlan-missed-lease')
  t.false(text(report, PLAIN).includes('\u001b'))
  t.true(text(report, { color: true, width: 100 }).includes('\u001b[31m'))
})

test('planted text reaches no terminal and stays one value in JSON', async (t) => {
  const report = await reportOf('v0.20.0-vxlan-missed-lease')
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (noise) => {
        const planted = withTexts(report, `\u001b]0;owned\u0007\u009b31m\u202e${noise}`)
        const rendered = text(planted, PLAIN)
        const parsed = JSON.parse(json(planted, PLAIN))
        return (
          !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(rendered) &&
          parsed.run.tool === planted.run.tool
        )
      }),
      { numRuns: 50 },
    ),
  )
})

test('lines keep to the width', async (t) => {
  const report = await reportOf('v0.20.0-vxlan-missed-lease')
  const pasted = new Set(report.causes.flatMap(({ fixes }) => fixes.map(({ typed }) => typed)))
  const lines = text(report, { color: false, width: 72 })
    .split('\n')
    .slice(1)
    .filter((line) => !pasted.has(line.trim()) && !/^ {2}(?:paste)? +# /.test(line))
  t.deepEqual(
    lines.filter((line) => line.length > 72 && line.trim().includes(' ')),
    [],
  )
})

test('the exit status follows findings from the asked severity on, then doubt', async (t) => {
  const healthy = await reportOf('v0.28.9-vxlan')
  const broken = await reportOf('v0.20.0-vxlan-missed-lease')
  const doubtful = { ...healthy.scope, complete: false }
  t.is(exitCode(healthy), 0)
  t.is(exitCode(broken), 1)
  t.is(exitCode({ ...healthy, scope: doubtful }), 3)
  t.is(exitCode({ ...healthy, verdict: 'no-flannel' }), 3)
  t.is(exitCode({ ...broken, run: { ...broken.run, interrupted: 'Ctrl-C' } }), 130)
})

test('from which severity a run fails changes its exit status and never its verdict', async (t) => {
  const reports = await Promise.all(
    (['info', 'warning', 'critical'] as const).map(async (failOn) =>
      judge(await recordedFault('vxlan/flanneld-killed'), FACTS, { ...ALL, failOn }),
    ),
  )
  t.deepEqual(
    reports.map(({ verdict }) => verdict),
    ['at-risk', 'at-risk', 'at-risk'],
  )
  t.deepEqual(reports.map(exitCode).slice(0, 2), [1, 1])
  t.not(exitCode(reports[2] as Report), 1)
})

test('the first line says what was not looked at', async (t) => {
  const settings = { selection: { only: ['netfilter'], skip: [] }, failOn: 'warning' } as const
  const report = judge(await recordedCluster('v0.20.0-vxlan-missed-lease'), FACTS, settings)
  t.is(report.verdict, 'healthy')
  const [first = ''] = text(report, PLAIN).split('\n')
  t.regex(first, /^HEALTHY .*; only netfilter; without probes$/)
})

test('a fix is a block to paste, each command on a line of its own with the words of its host', async (t) => {
  const report = await reportOf('v0.20.0-vxlan-missed-lease')
  const [cause] = report.causes
  const fixes = [
    {
      host: 'h1',
      command: 'ip route del 10.9.0.0/24',
      typed: `ip netns exec h1 ip route del 10.9.0.0/24 # ${'x'.repeat(120)}`,
      effect: 'the route goes',
      restartProof: false,
    },
  ]
  const lines = text({ ...report, causes: [{ ...(cause as ReportCause), fixes }] }, PLAIN).split('\n')
  const at = lines.findIndex((line) => /^ {2}paste +# h1: the route goes$/.test(line))
  t.is(lines[at + 1]?.trim(), fixes[0]?.typed)
})
