/** `node runners/dev/conformance-json.ts`: writes checks/clauses/conformance.json. Refuses to drop or re-use an id. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { conformanceDocument, reusedIds, vanishedIds } from '../../checks/clauses/document.ts'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import { conformanceText } from './conformance-text.ts'

const FILE = new URL('../../checks/clauses/conformance.json', import.meta.url)

const now = conformanceDocument(CLAUSES)
const former = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { clauses: [], retired: [] }
const vanished = vanishedIds(former, now)
const reused = reusedIds(former, now)
if (vanished.length + reused.length > 0) {
  process.stderr.write(
    `conformance.json was not written. Gone without being in checks/clauses/retired.ts: ${vanished.join(', ') || 'none'}; used twice: ${reused.join(', ') || 'none'}\n`,
  )
  process.exitCode = 1
} else {
  writeFileSync(FILE, conformanceText(now))
  process.stdout.write(`${now.clauses.length} clauses\n`)
}
