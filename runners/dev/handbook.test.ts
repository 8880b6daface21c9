/** The handbook as its reader has it. */
import test from 'ava'
import axe from 'axe-core'
import { HtmlValidate } from 'html-validate'
import { chromium } from 'playwright-core'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import { CHECKS } from '../../checks/registry.ts'
import { FAULTS } from '../../fixtures/all-faults.ts'
import { commandPath } from '../setup/search-path.js'
import { needs } from '../test-needs.ts'
import { handbook } from './handbook.ts'

const page = handbook()
const inBrowser = needs(test.serial, 'chromium')

test('every check, clause and fault has its entry, and every link one that it leads to', (t) => {
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  const missing = [...CHECKS, ...CLAUSES, ...FAULTS].filter(({ id }) => !ids.has(id)).map(({ id }) => id)
  t.deepEqual(missing, [])
  const links = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id ?? '')
  t.deepEqual(
    [...new Set(links)].filter((id) => !ids.has(id)),
    [],
  )
  t.true(page.length < 3 * 1024 * 1024)
})

test('it is valid HTML that loads nothing', async (t) => {
  const report = await new HtmlValidate({
    extends: ['html-validate:standard'],
    rules: {
      'require-sri': 'off',
      'long-title': 'off',
      'wcag/h30': 'error',
      'no-inline-style': 'error',
      'valid-id': 'off',
    },
  }).validateString(page)
  t.deepEqual(
    report.results.flatMap(({ messages }) =>
      messages.slice(0, 5).map(({ ruleId, message, line }) => `${line} ${ruleId} ${message}`),
    ),
    [],
  )
  t.regex(page, /default-src 'none'/)
})

inBrowser('the search finds by symptom, a link opens its entry, and axe finds nothing', async (t) => {
  const browser = await chromium.launch({
    executablePath: commandPath('chromium') ?? 'chromium',
    args: ['--no-sandbox'],
  })
  try {
    const context = await browser.newContext({ bypassCSP: true })
    const tab = await context.newPage()
    await tab.setContent(page)
    await tab.fill('#search', 'ping lost')
    const shown = await tab.locator('.entry:visible').count()
    t.true(shown > 0 && shown < 60, `${shown}`)
    await tab.fill('#search', '')
    await tab.evaluate("location.hash = '#fdb/peer-vtep'")
    await tab.waitForFunction("document.getElementById('fdb/peer-vtep').open")
    await tab.addScriptTag({ content: axe.source })
    for (const width of [400, 1600]) {
      await tab.setViewportSize({ width, height: 900 })
      const { violations } = await tab.evaluate<axe.AxeResults>('axe.run()')
      t.deepEqual(
        violations.map(({ id, nodes }) => `${width} ${id} ${nodes[0]?.html}`),
        [],
      )
    }
  } finally {
    await browser.close()
  }
})
