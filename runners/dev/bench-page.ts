/** The page of a report of 1,000 hosts in Chromium: its size, how long it takes to open and to answer a click. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { htmlReport } from '../../reports/html/report-page.ts'
import { runSaved } from '../run/run-inventory.ts'
import { commandPath } from '../setup/search-path.js'
import { manyHosts } from './many-hosts.ts'
import { median, millisecondsOf, rangeText, skipped } from './measure.ts'

const HOSTS = 1000
const ROUNDS = 5
const FAULT = fileURLToPath(new URL('../../fixtures/fault-states/vxlan/ip-forward-off', import.meta.url))
const WHAT = `the page of ${HOSTS} hosts in Chromium`

/** Prints size and times; without Chromium that it was left out. */
export async function benchPage(): Promise<void> {
  const executablePath = commandPath('chromium')
  if (executablePath === undefined) return skipped(WHAT, 'chromium is not installed')
  const { report } = await runSaved(FAULT)
  const page = htmlReport(manyHosts(report, HOSTS), { color: false, width: 100 })
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-page-'))
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const file = join(folder, 'report.html')
    writeFileSync(file, page)
    const times = { open: [] as number[], click: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      const tab = await browser.newPage()
      times.open.push(await millisecondsOf(() => tab.goto(pathToFileURL(file).href)))
      times.click.push(
        await millisecondsOf(async () => {
          await tab.locator('#checks summary').first().click()
          await tab.fill('#hosts-filter', 'node-999')
          await tab.waitForFunction("document.getElementById('hosts-table-count').textContent === '1 shown'")
        }),
      )
      await tab.close()
    }
    const told = (values: readonly number[]): string =>
      `${median(values).toFixed(0)} ms (${rangeText(values, 0)})`
    console.log(
      `${WHAT}: ${(page.length / 1e6).toFixed(2)} MB, open ${told(times.open)}, a click and a filter ${told(times.click)}; aim 15 MB, 2000 ms`,
    )
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
