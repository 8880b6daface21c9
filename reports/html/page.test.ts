/** Pages as an HTML validator and a reader of their policy see them. */
import { createHash } from 'node:crypto'
import test from 'ava'
import { HtmlValidate } from 'html-validate'
import { manyHosts } from '../../runners/dev/many-hosts.ts'
import { fullReport, hostileReports, ordinaryReports, PLAIN, reportOf } from '../reports-for-tests.ts'
import { SCRIPT_HASH, STYLE_HASH } from './page.ts'
import { htmlReport } from './report-page.ts'
import { SCRIPT_TEXT } from './script.ts'
import { STYLE_TEXT } from './style.ts'

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    'long-title': 'off',
    'prefer-native-element': 'off',
    'no-inline-style': 'error',
    'no-trailing-whitespace': 'off',
    'tel-non-breaking': 'off',
    'no-raw-characters': 'off',
    'no-redundant-role': 'off',
  },
})

async function problems(page: string): Promise<readonly string[]> {
  const { results } = await validator.validateString(page)
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`),
  )
}

/** Names of elements, with how often each is there. */
function elements(page: string): ReadonlyMap<string, number> {
  const bare = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1>')
  const names = [...bare.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name = '']) => name)
  return new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

test('style and script are those of the policy', (t) => {
  t.is(STYLE_HASH, hashOf(STYLE_TEXT))
  t.is(SCRIPT_HASH, hashOf(SCRIPT_TEXT))
})

test('ordinary reports are valid HTML', async (t) => {
  for (const [name, report] of await ordinaryReports())
    t.deepEqual(await problems(htmlReport(report, PLAIN)), [], name)
})

test('the page has cause, proof and fix, the way of the ping and what is undecided', async (t) => {
  const page = htmlReport(await fullReport(), PLAIN)
  for (const words of [
    'flanneld never learned of this lease',
    'Restart flanneld on h1',
    'IP_INNOROUTES',
    'connection refused',
    'lost here',
  ])
    t.true(page.includes(words), words)
  t.regex(page, /<h1>Broken<\/h1>/)
})

test('hostile reports make no element, attribute or script of their own', async (t) => {
  const known = new Set<string>()
  for (const [, report] of await ordinaryReports())
    for (const name of elements(htmlReport(report, PLAIN)).keys()) known.add(name)
  for (const report of await hostileReports(5)) {
    const page = htmlReport(report, PLAIN)
    const found = elements(page)
    t.deepEqual(
      [...found.keys()].filter((name) => !known.has(name)),
      [],
    )
    t.is(found.get('script'), 1)
    t.is(found.get('style'), 1)
    const bare = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '').replace(/"[^"]*"/g, '""')
    t.false(/<[^>]*\son[a-z]+=/i.test(bare))
    t.false(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/.test(page))
  }
})

test('nothing is loaded from anywhere', async (t) => {
  const page = htmlReport(await reportOf('v0.20.0-vxlan-missed-lease'), PLAIN)
  t.notRegex(page, /<(?:link|img|iframe|object|embed|video|audio)\b|\bsrc=|@import|url\(/)
  t.regex(page, /default-src 'none'/)
})

test('a thousand hosts with a fault each are a page of a few megabytes', async (t) => {
  const report = manyHosts(await reportOf('v0.20.0-vxlan-missed-lease'), 1000)
  t.is(report.hosts.length, 1000)
  t.true(htmlReport(report, PLAIN).length < 15_000_000)
})
