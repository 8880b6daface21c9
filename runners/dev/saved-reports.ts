/**
 * `npm run saved-reports -- DIR`: the report of every recorded state, and of networks of many hosts with every fault of
 * `synth/`, as JSON without what differs from run to run. `diff -r` of two such folders, one written before a change and
 * one after it, shows what the change does to findings.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runSaved } from '../run/run-inventory.ts'
import { PEER_FAULTS } from './synth/peer-entries.ts'
import { type NetworkWish, writeNetwork } from './synth/write-network.ts'

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const FOLDERS = [
  'states',
  'traced-states',
  ...readdirSync(join(FIXTURES, 'fault-states')).map((name) => `fault-states/${name}`),
]

const faults = Object.keys(PEER_FAULTS)
/** Below and above the number of hosts of which every pair is walked, and hosts that have lost their leases. */
const NETWORKS: readonly NetworkWish[] = [
  { hosts: 24, faults },
  { hosts: 150, faults },
  { hosts: 150, faults, leases: 100 },
]

const [dir] = process.argv.slice(2)
if (dir === undefined) {
  console.error('usage: npm run saved-reports -- DIR')
  process.exit(2)
}
mkdirSync(dir, { recursive: true })

async function write(name: string, state: string): Promise<void> {
  const { report } = await runSaved(state)
  const { run: _, ...lasting } = report
  writeFileSync(
    join(dir as string, `${name.replaceAll('/', '_')}.json`),
    `${JSON.stringify(lasting, null, 1)}\n`,
  )
}

for (const folder of FOLDERS)
  for (const name of readdirSync(join(FIXTURES, folder)))
    await write(`${folder}/${name}`, join(FIXTURES, folder, name))
const work = mkdtempSync(join(tmpdir(), 'flannel-doctor-reports-'))
try {
  for (const [index, wish] of NETWORKS.entries()) {
    const state = join(work, String(index))
    writeNetwork(state, wish)
    await write(`synth-${index}`, state)
  }
} finally {
  rmSync(work, { recursive: true })
}
