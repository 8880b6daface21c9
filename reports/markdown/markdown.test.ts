/** The report in Markdown, read by another's parser. */
import test from 'ava'
import { parse } from 'marked'
import { fullReport, hostileReports, PLAIN, reportOf } from '../reports-for-tests.ts'
import { markdownReport } from './markdown.ts'

/** Elements that our own Markdown makes; no link, no picture, no HTML of others. */
const KNOWN = new Set('h1 h2 h3 p ul ol li table thead tbody tr th td code pre strong em'.split(' '))

function elementsOf(markdown: string): readonly string[] {
  const html = parse(markdown, { async: false }).replaceAll('<!-- -->', '')
  return [...new Set([...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name = '']) => name))]
}

test('cause, proof and fix are told', async (t) => {
  const page = markdownReport(await reportOf('v0.20.0-vxlan-missed-lease'), PLAIN)
  t.regex(page, /^# flannel: broken\n/)
  t.regex(page, /^### 1\. h1 has neither route, neighbour nor FDB entry for 10\.2\.68\.0\/24 of h3/m)
  t.regex(page, /^`lease\/peer:unprogrammed` on `h1 → h3 {2}lease 10\.2\.68\.0\/24`, critical/m)
  t.regex(page, /^```console\n# .*\n/m)
  t.regex(page, /^\*\*Fix:\*\* Restart flanneld on h1/m)
})

test('a followed ping and what was not judged are told', async (t) => {
  const page = markdownReport(await fullReport(), PLAIN)
  t.regex(page, /^h1\/h1c1 ● eth0 h1 ● docker0 ✗/m)
  for (const words of ['the deadline passed', 'etcd does not answer', 'h4: connection refused'])
    t.true(page.includes(words))
})

test('hostile reports make no element, link or picture', async (t) => {
  for (const report of await hostileReports()) {
    const page = markdownReport(report, PLAIN)
    t.deepEqual(
      elementsOf(page).filter((name) => !KNOWN.has(name)),
      [],
      page.slice(0, 300),
    )
    t.false(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(page))
  }
})
