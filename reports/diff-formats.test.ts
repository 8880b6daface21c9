/** A diff in every format, with whatever a host or a report could put into it. */
import test from 'ava'
import { HtmlValidate } from 'html-validate'
import { Parser } from 'tap-parser'
import { diffReports } from '../runners/run/diff-reports.ts'
import { DIFF_FORMATS } from './diff-formats.ts'
import { REPORTERS } from './registry.ts'
import type { ReportDiff } from './report-diff.ts'
import { HOSTILE, PLAIN, reportOf, withTexts } from './reports-for-tests.ts'

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
