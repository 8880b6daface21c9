import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { runSaved } from '../../run/run-inventory.ts'
import { PEER_FAULTS } from './peer-entries.ts'
import { type NetworkWish, writeNetwork } from './write-network.ts'

async function codesOf(wish: NetworkWish): Promise<{ verdict: string; codes: readonly string[] }> {
  const dir = join(mkdtempSync(join(tmpdir(), 'synth-')), 'state')
  try {
    writeNetwork(dir, wish)
    const { report } = await runSaved(dir)
    const codes = report.causes.map(({ code, subject }) => `${subject.host} ${code}`)
    return { verdict: report.verdict, codes: codes.sort() }
  } finally {
    rmSync(join(dir, '..'), { recursive: true })
  }
}

test('a network made of one recorded host is healthy', async (t) => {
  t.deepEqual(await codesOf({ hosts: 3 }), { verdict: 'healthy', codes: [] })
})

test('each fault is found on the host where it was put, and nothing else', async (t) => {
  const faults = Object.keys(PEER_FAULTS)
  const { codes } = await codesOf({ hosts: 16, faults })
  t.deepEqual(codes, [
    'node-0003 lease/peer:unprogrammed',
    'node-0005 route/peer-subnet:missing',
    'node-0007 neighbour/peer-vtep:missing',
    'node-0009 fdb/peer-vtep:missing',
    'node-0011 neighbour/peer-vtep:wrong-mac',
    'node-0013 fdb/peer-vtep:wrong-destination',
    'node-0015 route/stale-subnet:stale',
  ])
})

test('hosts that have lost their leases go on with the peers that have one', async (t) => {
  const { codes } = await codesOf({ hosts: 4, leases: 3 })
  t.deepEqual(codes, ['node-0004 lease/own:missing'])
})

test('a folder with anything in it is refused', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'synth-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  writeNetwork(join(dir, 'state'), { hosts: 2 })
  t.true(statSync(join(dir, 'state/meta.json')).isFile())
  t.throws(() => writeNetwork(dir, { hosts: 2 }), { message: /expected a new or empty folder/ })
})
