/** SARIF against the schema of OASIS, as Microsoft's SDK ships it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'ava'
import type { Log } from 'sarif'
import { fullReport, HOSTILE, hostileReports, ordinaryReports, PLAIN } from '../reports-for-tests.ts'
import { failedSarif, sarif } from './sarif.ts'

const fromHere = createRequire(import.meta.url)
const home = fromHere.resolve('@microsoft/jest-sarif')
const Ajv = createRequire(home)('ajv')
const schema = JSON.parse(readFileSync(home.replace(/index\.js$/, 'schemas/sarif-2.1.0-rtm.5.json'), 'utf8'))
const ajv = new Ajv({ schemaId: 'auto', unknownFormats: 'ignore' })
ajv.addMetaSchema(createRequire(home)('ajv/lib/refs/json-schema-draft-04.json'))
const validate = ajv.compile(schema)

function problems(document: string): unknown {
  return validate(JSON.parse(document)) ? [] : validate.errors
}

test('SARIF: ordinary reports keep the schema', async (t) => {
  for (const [name, report] of await ordinaryReports()) t.deepEqual(problems(sarif(report, PLAIN)), [], name)
})

test('SARIF: the schema is one that can fail', (t) => {
  t.notDeepEqual(problems('{"version":"2.1.0","runs":[{}]}'), [])
})

test('SARIF: hostile reports keep the schema', async (t) => {
  for (const report of await hostileReports()) {
    const document = sarif(report, PLAIN)
    t.deepEqual(problems(document), [])
    t.false(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(document))
  }
})

test('every finding is a result of its rule; what was not judged is a notification', async (t) => {
  const report = await fullReport()
  const [run] = (JSON.parse(sarif(report, PLAIN)) as Log).runs
  const findings = report.results.flatMap((result) => result.findings)
  t.deepEqual(
    run?.results?.map(({ ruleId }) => ruleId),
    findings.map(({ code }) => code),
  )
  t.true(
    run?.results?.every(({ ruleId, ruleIndex = -1 }) => run.tool.driver.rules?.[ruleIndex]?.id === ruleId),
  )
  const notes = run?.invocations?.[0]?.toolExecutionNotifications?.map(({ message }) => message.text) ?? []
  for (const note of ['the deadline passed', 'etcd does not answer', 'h4: connection refused'])
    t.true(notes.includes(note), note)
  t.false(run?.invocations?.[0]?.executionSuccessful)
})

test('a run that died was not successful', (t) => {
  for (const message of HOSTILE) {
    const document = failedSarif({ version: '0', startedAt: 'never', message })
    t.deepEqual(problems(document), [])
  }
})
