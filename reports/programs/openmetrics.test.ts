/** OpenMetrics read by Prometheus's own client library for Python. */
import { spawnSync } from 'node:child_process'
import test from 'ava'
import { needs } from '../../runners/test-needs.ts'
import { fullReport, HOSTILE, hostileReports, ordinaryReports, PLAIN } from '../reports-for-tests.ts'
import { failedOpenmetrics, openmetrics } from './openmetrics.ts'

/** Reads documents as a JSON array, prints for each the samples it has, or the error. */
const READER = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
out = []
for document in json.load(sys.stdin):
    try:
        out.append([[s.name, s.labels, s.value] for family in parse(document) for s in family.samples])
    except Exception as error:
        out.append(repr(error))
json.dump(out, sys.stdout)
`

type Samples = readonly (readonly [string, Readonly<Record<string, string>>, number])[]

function read(documents: readonly string[]): readonly (Samples | string)[] {
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', READER], {
    input: JSON.stringify(documents),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  return JSON.parse(stdout || JSON.stringify([stderr]))
}

const parsed = needs(test, 'openmetrics-parser')

parsed('ordinary reports are read', async (t) => {
  const reports = await ordinaryReports()
  const answers = read(reports.map(([, report]) => openmetrics(report, PLAIN)))
  for (const [at, samples] of answers.entries()) {
    if (typeof samples === 'string') t.fail(`${reports[at]?.[0]}: ${samples}`)
    else
      t.is(samples.find(([, { flannel_verdict: verdict }]) => verdict === reports[at]?.[1].verdict)?.[2], 1)
  }
})

test('the node exporter, which reads the older format, knows every type', async (t) => {
  const texts = (await ordinaryReports()).map(([, report]) => openmetrics(report, PLAIN))
  const dead = failedOpenmetrics({ version: '0', startedAt: '', message: '' })
  for (const text of [...texts, dead])
    for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) t.is(type, 'gauge', name)
  t.regex(dead, /^# TYPE /m)
})

parsed('the parser refuses what is none', (t) => {
  t.is(typeof read(['flannel_x{a="b} 1\n# EOF\n'])[0], 'string')
})

parsed('hostile reports are read, with the metrics of any other and no more', async (t) => {
  const known = new Set((read([openmetrics(await fullReport(), PLAIN)])[0] as Samples).map(([name]) => name))
  for (const samples of read((await hostileReports()).map((report) => openmetrics(report, PLAIN)))) {
    if (typeof samples === 'string') t.fail(samples)
    else
      t.deepEqual(
        samples.filter(([name]) => !known.has(name)),
        [],
      )
  }
})

parsed('a run that died is not complete', (t) => {
  const documents = HOSTILE.map((message) => failedOpenmetrics({ version: message, startedAt: '', message }))
  for (const samples of read(documents)) {
    t.is((samples as Samples).find(([name]) => name === 'flannel_run_complete')?.[2], 0)
  }
})
