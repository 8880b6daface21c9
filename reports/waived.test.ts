/** A waived finding in every format: shown as waived, and counted nowhere. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { Waiver } from '../checks/diagnosis/waivers.ts'
import { judge } from '../runners/run/judging/judge.ts'
import { loadCluster } from '../runners/run/saved/saved-cluster.ts'
import { exitCode } from './document/exit-code.ts'
import type { Report } from './document/report.ts'
import { nagiosExit } from './programs/nagios.ts'
import { REPORTERS } from './registry.ts'
import { rendered } from './reports-for-tests.ts'

const RUN: Report['run'] = {
  tool: 'flannel-doctor',
  version: '0',
  startedAt: '2026-05-10T00:00:00.000Z',
  durationMs: 1,
  level: 'read-only',
  argv: [],
}
const FAULT = fileURLToPath(new URL('../fixtures/fault-states/vxlan/fdb-entry-deleted', import.meta.url))
const WAIVER: Waiver = {
  code: 'fdb/peer-vtep:missing',
  subject: { host: 'h2', peer: 'h1' },
  reason: 'h1 is rebuilt',
  until: '2026-05-31',
}

async function waivedReport(waivers: readonly Waiver[]): Promise<Report> {
  const { snapshot } = await loadCluster(FAULT)
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning', waivers } as const
  return judge(snapshot, { run: RUN, commands: [] }, settings)
}

test('a waived cause and what it alone explains change verdict and exit status', async (t) => {
  const report = await waivedReport([WAIVER])
  t.is(report.verdict, 'healthy')
  t.is(exitCode(report), 0)
  t.is(nagiosExit(report), 0)
  t.true(report.scope.says.includes('2 findings waived'), report.scope.says.join())
  t.is(report.waived?.[0]?.waived.until, '2026-05-31')
})

test('expired, it counts again and says so', async (t) => {
  const report = await waivedReport([{ ...WAIVER, until: '2026-05-09' }])
  t.is(report.verdict, 'broken')
  t.is(exitCode(report), 1)
  t.regex(await rendered('text', report), /expired on 2026-05-09, it counts again/)
})

for (const format of Object.keys(REPORTERS)) {
  test(`${format} shows what is waived, and why`, async (t) => {
    const text = await rendered(format, await waivedReport([WAIVER]))
    if (format === 'openmetrics') return t.regex(text, /^flannel_waived_findings 2$/m)
    t.regex(text, /h1 is rebuilt/)
    t.notRegex(text, /<failure|^not ok|^::error|^::warning/m)
  })
}

test('SARIF has it as a suppression, so that viewers leave it out', async (t) => {
  const { runs } = JSON.parse(await rendered('sarif', await waivedReport([WAIVER])))
  t.deepEqual(
    runs[0].results.map((one: { suppressions?: { status: string }[] }) => one.suppressions?.[0]?.status),
    ['accepted', 'accepted'],
  )
})
