/**
 * `node runners/dev/conformance-json.ts`: writes checks/clauses/conformance.json and the clauses into the pages of the
 * checks. Refuses to drop or re-use an id.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { conformanceDocument, reusedIds, vanishedIds } from '../../checks/clauses/document.ts'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import { CHECKS } from '../../checks/registry.ts'
import { conformanceText } from './conformance-text.ts'
import { clauseLine, withClauseLine } from './page-sources.ts'

const FILE = new URL('../../checks/clauses/conformance.json', import.meta.url)

const now = conformanceDocument(CLAUSES)
const former = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { clauses: [], retired: [] }
const vanished = vanishedIds(former, now)
const reused = reusedIds(former, now)
if (vanished.length + reused.length > 0) {
  process.stderr.write(
    `conformance.json was not written. Gone without being in checks/clauses/document.ts: ${vanished.join(', ') || 'none'}; used twice: ${reused.join(', ') || 'none'}\n`,
  )
  process.exitCode = 1
} else {
  writeFileSync(FILE, conformanceText(now))
  for (const { id } of CHECKS) {
    const page = new URL(`../../checks/${id}.md`, import.meta.url)
    writeFileSync(page, withClauseLine(readFileSync(page, 'utf8'), clauseLine(id, CLAUSES)))
  }
  process.stdout.write(`${now.clauses.length} clauses\n`)
}
