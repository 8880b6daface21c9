/** Certificates as text, JSON, Markdown and TAP, of recorded networks. */
import { readFileSync } from 'node:fs'
import test from 'ava'
import { fromJSONSchema } from 'zod'
import { certify } from '../../runners/conformance/certify.ts'
import { judge } from '../../runners/run/judging/judge.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { Report } from '../document/report.ts'
import { REPORTERS } from '../registry.ts'
import { RUN } from '../run-for-tests.ts'
import { certificateExit } from './certificate-exit.ts'

const PLAIN = { color: false, width: 100 }

async function certified(state: string): Promise<Report> {
  const snapshot = await recordedCluster(state)
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  const report = judge(snapshot, { run: RUN, commands: [] }, settings)
  return certify(report, snapshot, { profiles: [], strict: false })
}

async function rendered(report: Report, format: string): Promise<string> {
  return (await REPORTERS[format]?.load())?.(report, PLAIN) ?? ''
}

/** The report with its first broken clause saying something else in every place a host could have chosen. */
function planted(report: Report, text: string): Report {
  const conformance = report.conformance.map((claim) => ({
    ...claim,
    clauses: claim.clauses.map((clause) => ({
      ...clause,
      ...(clause.reason !== undefined && { reason: text }),
      breaches: clause.breaches.map((breach) => ({
        ...breach,
        message: text,
        expected: text,
        observed: text,
        subject: { host: text, object: text },
      })),
    })),
  }))
  return { ...report, conformance }
}

test('a certified report keeps the schema of reports', async (t) => {
  const schema = fromJSONSchema(
    JSON.parse(readFileSync(new URL('../report.schema.json', import.meta.url), 'utf8')),
  )
  for (const state of ['v0.28.9-vxlan', 'v0.20.0-vxlan-missed-lease']) {
    const parsed = schema.safeParse(JSON.parse(JSON.stringify(await certified(state))))
    t.true(parsed.success, parsed.error?.message)
  }
})

test('the exit status follows the verdict', async (t) => {
  t.is(certificateExit(await certified('v0.28.9-vxlan')), 0)
  t.is(certificateExit(await certified('v0.20.0-vxlan-missed-lease')), 1)
  t.is(certificateExit(await certified('v0.10.0-vxlan-docker')), 3)
  const report = await certified('v0.28.9-vxlan')
  t.is(certificateExit({ ...report, run: { ...RUN, interrupted: 'interrupted' } }), 130)
})

test('text: verdict, a line per profile, each broken clause with its finding and fix', async (t) => {
  const text = await rendered(await certified('v0.20.0-vxlan-missed-lease'), 'text')
  t.regex(text, /^NOT CONFORMANT {2}every MUST that shows without an action, \d+ clauses of 4 profiles\n/)
  t.regex(text, /^ {2}vxlan +17 +4 +\d+ +\d+ +\d+ {2}NOT CONFORMANT$/m)
  t.regex(text, /^FL-VXLAN-20 MUST: A host MUST have an FDB entry/m)
  t.regex(text, /^ {2}code {6}fdb\/peer-vtep:missing {2}h1 → h3 {2}FDB entry 06:21:ae:eb:54:2e$/m)
  t.regex(text, /^ {2}fix {7}\S/m)
  t.regex(text, /untested +FL-VXLAN-25 to -26[^:]*: needs an action/)
})

test('text: why the leases could not be read is said once, not for every clause', async (t) => {
  const refused = 'no etcd endpoint answered'
  const report = await certified('v0.28.9-vxlan')
  const page = await rendered({ ...report, datastoreProblems: [refused] }, 'text')
  t.is(page.split(refused).length, 2, page)
  const { datastore, ...hosts } = await recordedCluster('v0.28.9-vxlan')
  const gone = { why: 'unreachable', detail: refused, known: false } as const
  const unread = {
    ...hosts,
    datastore: {
      ...datastore,
      config: { ...gone, from: datastore.config.from },
      leases: { ...gone, from: datastore.leases.from },
    },
  }
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  const judged = judge(unread, { run: RUN, commands: [] }, settings)
  const certificate = certify(judged, unread, { profiles: [], strict: false })
  const text = await rendered(certificate, 'text')
  // The checks of the datastore itself say it as well.
  t.true(text.split(refused).length <= 4, text)
  t.true(text.split('what the datastore holds').length <= 3, text)
})

test('json: a document of its own with what it holds for, without addresses or names of hosts', async (t) => {
  const report = await certified('v0.28.9-vxlan')
  const document = JSON.parse(await rendered(report, 'json'))
  t.is(document.verdict, 'conformant')
  t.is(document.environment.backend, 'vxlan')
  t.deepEqual(document.environment.flannel, ['v0.28.9'])
  t.is(document.environment.hosts, 3)
  t.deepEqual(document.claims, JSON.parse(JSON.stringify(report.conformance)))
  const words = JSON.stringify({ ...document, claims: [] })
  for (const { subnet, publicIp } of report.network?.leases ?? []) {
    t.false(words.includes(subnet) || words.includes(publicIp))
  }
})

test('tap: as many points as planned, broken and undecided ones not ok', async (t) => {
  const report = await certified('v0.20.0-vxlan-missed-lease')
  const lines = (await rendered(report, 'tap')).split('\n')
  t.is(lines[0], 'TAP version 14')
  const points = lines.filter((line) => /^(not )?ok /.test(line))
  t.is(lines[1], `1..${points.length}`)
  t.true(points.some((line) => /^not ok \d+ - FL-VXLAN-20 MUST /.test(line)))
  t.true(points.some((line) => /^ok \d+ - FL-VXLAN-25 .* # SKIP needs an action/.test(line)))
  t.true(points.some((line) => /^ok \d+ - FL-ROUTE-10 SHOULD .* # SKIP undecided, but /.test(line)))
})

test('markdown: sections, and one row per clause', async (t) => {
  const report = await certified('v0.20.0-vxlan-missed-lease')
  const page = await rendered(report, 'markdown')
  for (const heading of ['Not met', 'Undecided or not tested', 'Environment', 'Clauses'])
    t.true(page.includes(`\n## ${heading}\n`), heading)
  t.true(page.startsWith('# flannel conformance: not conformant\n'))
  t.is(
    page.match(/^\| FL-/gm)?.length,
    new Set(report.conformance.flatMap(({ clauses }) => clauses.map(({ id }) => id))).size,
  )
})

test('what a host could plant reaches no terminal, table, page or directive', async (t) => {
  const evil = '\u001b[31m<script>|x|\n# SKIP ok 1\n[a](javascript:b)'
  const report = planted(await certified('v0.20.0-vxlan-missed-lease'), evil)
  for (const format of ['text', 'markdown', 'tap'])
    t.false((await rendered(report, format)).includes('\u001b'), format)
  const page = await rendered(report, 'markdown')
  t.false(/(?<!\\)<script/.test(page) || /(?<!\\)\[a/.test(page))
  const tap = (await rendered(report, 'tap')).split('\n')
  t.true(tap.every((line) => line === '' || /^(TAP version|1\.\.|ok |not ok | {2})/.test(line)))
  t.is(tap.filter((line) => /^(not )?ok /.test(line)).length, Number(tap[1]?.slice(3)))
  t.false(tap.some((line) => /^not ok .* # SKIP/.test(line)))
})
