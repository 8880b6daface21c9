/** A diff in every format, with whatever a host or a report could put into it. */
import test from 'ava'
import { HtmlValidate } from 'html-validate'
import { Parser } from 'tap-parser'
import { diffReports } from '../../runners/run/compared/diff-reports.ts'
import { REPORTERS } from '../registry.ts'
import { HOSTILE, PLAIN, reportOf, withTexts } from '../reports-for-tests.ts'
import { DIFF_FORMATS } from './diff-formats.ts'
import { folded, type ReportDiff } from './report-diff.ts'

const healthy = await reportOf('v0.28.9-vxlan')
const broken = await reportOf('v0.20.0-vxlan-missed-lease')
const DIFF = diffReports({ from: 'a', report: healthy }, { from: 'b', report: broken }, '0')

const planted = (text: string): ReportDiff => withTexts(DIFF as never, () => text) as unknown as ReportDiff

test('every format of a report is one of a diff', (t) => {
  t.deepEqual(Object.keys(DIFF_FORMATS), Object.keys(REPORTERS))
})

for (const [name, render] of Object.entries(DIFF_FORMATS)) {
  test(`${name}: hostile texts stay texts`, (t) => {
    for (const text of HOSTILE) {
      const rendered = render(planted(text), PLAIN)
      if (name !== 'json') t.notRegex(rendered, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      if (['html', 'junit'].includes(name)) t.notRegex(rendered, /<script>alert|<img src=x/)
      if (name === 'json' || name === 'sarif') t.notThrows(() => JSON.parse(rendered))
      if (name === 'github')
        t.true(
          rendered
            .trimEnd()
            .split('\n')
            .every((line) => /^::(error|warning|notice) title=/.test(line)),
        )
      if (name !== 'github' && name !== 'json' && name !== 'sarif') t.notRegex(rendered, /^\s*::error/m)
      if (name === 'tap') t.true(Parser.parse(rendered).some(([kind]) => kind === 'complete'))
    }
  })
}

test('the page is valid HTML', async (t) => {
  const validator = new HtmlValidate({ extends: ['html-validate:standard'], rules: { 'long-title': 'off' } })
  const { valid, results } = await validator.validateString(DIFF_FORMATS.html?.(DIFF, PLAIN) ?? '')
  t.true(valid, JSON.stringify(results.flatMap(({ messages }) => messages.slice(0, 3))))
})

test('a symptom is folded into its cause, where that is in the same list', (t) => {
  const told = { severity: 'warning', message: 'm' } as const
  const cause = { ...told, code: 'fdb/peer-vtep:missing', subject: { host: 'h1' } }
  const symptom = (host: string) => ({
    ...told,
    code: 'path/route:lost',
    subject: { host },
    explainedBy: { code: cause.code, subject: cause.subject },
  })
  const two = [symptom('h2'), symptom('h3')]
  t.deepEqual(folded([two[0] ?? cause, cause, symptom('h3')]), [{ finding: cause, symptoms: two }])
  t.is(folded(two).length, 2, 'its cause was there before')
  t.is(folded([{ ...cause, severity: 'info' }, ...two]).length, 3, 'a note hides no fault')
  const circle = { ...cause, explainedBy: { code: 'path/route:lost', subject: { host: 'h2' } } }
  t.is(folded([circle, ...two]).length, 3, 'nothing vanishes where a report goes in a circle')
})

test('what is new by one cause is one entry of the page, the text and the Markdown, and says its cause in JSON', (t) => {
  const { new: found } = DIFF.findings
  const causes = folded(found)
  t.true(causes.length < found.length)
  t.is(
    causes.reduce((sum, { symptoms }) => sum + 1 + symptoms.length, 0),
    found.length,
  )
  const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
  const explained = causes.filter(({ symptoms }) => symptoms.length > 0).length
  t.is(count(DIFF_FORMATS.html?.(DIFF, PLAIN) ?? '', /<summary>explains /g), explained)
  t.is(
    count(DIFF_FORMATS.text?.(DIFF, { ...PLAIN, width: 10_000 }) ?? '', /explains \d+ symptom/g),
    explained,
  )
  t.is(count(DIFF_FORMATS.markdown?.(DIFF, PLAIN) ?? '', /explains \d+ symptom/g), explained)
  const { findings } = JSON.parse(DIFF_FORMATS.json?.(DIFF, PLAIN) ?? '')
  t.is(findings.new.length, found.length)
  t.true(findings.new.some((one: { explainedBy?: unknown }) => one.explainedBy !== undefined))
})
