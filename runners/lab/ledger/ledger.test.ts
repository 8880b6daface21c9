/** Ledgers of labs that others remove meanwhile. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { open } from '../../hosts/command/spawn.ts'
import { ledgerFile, readLedger } from './ledger.ts'

const LINE = { kind: 'lab', name: 'other', token: 'tkn0', owner: { pid: 1, start: '1@0' }, ephemeral: true }

test('a lab that is removed while it is looked at is there or is not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-ledger-'))
  const lab = join(folder, 'lab')
  mkdirSync(lab)
  writeFileSync(ledgerFile(lab), `${JSON.stringify(LINE)}\n`, { mode: 0o600 })
  const remover = await open(['sh', '-c', 'while mv "$0" "$0.gone" && mv "$0.gone" "$0"; do :; done', lab])
  try {
    const seen = new Set<string | undefined>()
    for (let look = 0; look < 100_000 && seen.size < 2; look += 1) seen.add(readLedger(lab)?.token)
    for (let look = 0; look < 5000; look += 1) seen.add(readLedger(lab)?.token)
    t.deepEqual([seen.size, seen.has('tkn0'), seen.has(undefined)], [2, true, true])
  } finally {
    await remover.stop(0)
    rmSync(folder, { recursive: true, force: true })
  }
})
