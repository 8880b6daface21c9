/** Pages in Chromium: accessible in light and dark, narrow and wide. */
import test from 'ava'
import axe from 'axe-core'
import { type Browser, chromium } from 'playwright-core'
import { commandPath } from '../../runners/setup/search-path.js'
import { needs } from '../../runners/test-needs.ts'
import type { Report } from '../document/report.ts'
import { certified, fullReport, hostileReports, PLAIN, reportOf } from '../reports-for-tests.ts'
import { htmlReport } from './report-page.ts'

const WIDTHS = [400, 1000, 1600]
const inBrowser = needs(test.serial, 'chromium')

async function withBrowser<T>(work: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({
    executablePath: commandPath('chromium') ?? 'chromium',
    args: ['--no-sandbox'],
  })
  try {
    return await work(browser)
  } finally {
    await browser.close()
  }
}

async function violations(browser: Browser, report: Report): Promise<readonly string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, bypassCSP: true })
    const page = await context.newPage()
    await page.setContent(htmlReport(report, PLAIN))
    await page.addScriptTag({ content: axe.source })
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 })
      const { violations: all } = await page.evaluate<axe.AxeResults>('axe.run()')
      found.push(...all.map(({ id, nodes }) => `${colorScheme} ${width}: ${id}: ${nodes[0]?.html}`))
      const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      if (isWide) found.push(`${colorScheme} ${width}: the page scrolls sideways`)
    }
    await context.close()
  }
  return found
}

inBrowser('no violation of accessibility, at any width, in light and dark', async (t) => {
  await withBrowser(async (browser) => {
    for (const report of [
      await fullReport(),
      await reportOf('v0.28.9-vxlan'),
      await certified('v0.20.0-vxlan-missed-lease'),
    ])
      t.deepEqual(await violations(browser, report), [])
  })
})

/** What a page of A4 has between its margins, in CSS pixels. */
const PAPER = 718

inBrowser('nothing is cut off on paper, where nobody scrolls', async (t) => {
  await withBrowser(async (browser) => {
    const page = await browser.newPage({ viewport: { width: PAPER, height: 1000 } })
    await page.emulateMedia({ media: 'print' })
    for (const report of [await fullReport(), await reportOf('v0.28.9-vxlan')]) {
      await page.setContent(htmlReport(report, PLAIN))
      const cut = await page.evaluate<readonly string[]>(
        `[document.documentElement, ...document.querySelectorAll('.scroll, pre')]
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
          .map(({ outerHTML }) => outerHTML.slice(0, 200))`,
      )
      t.deepEqual(cut, [])
    }
  })
})

inBrowser('hostile texts run nothing and load nothing', async (t) => {
  await withBrowser(async (browser) => {
    const page = await browser.newPage()
    const heard: string[] = []
    page.on('dialog', (dialog) => heard.push(dialog.message()))
    page.on('request', (request) => heard.push(request.url()))
    page.on('pageerror', (error) => heard.push(error.message))
    for (const report of (await hostileReports(2)).slice(0, 16))
      await page.setContent(htmlReport(report, PLAIN))
    t.deepEqual(heard, [])
  })
})
