/** Commands of a host that stop or never end: the run ends within a second of its one deadline, with a report of the rest. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { commandPath } from '../../setup/search-path.js'
import { needs } from '../../test-needs.ts'
import { doctor, measureStart, SPARE_MS } from './deadline-for-tests.ts'

test.before(async (t) => {
  t.timeout(60_000)
  await measureStart()
})

/** What a host has in the place of `ip`. */
const COMMANDS = { 'never ends': 'kill -STOP $$', 'prints without end': 'exec yes' } as const

const INSTEAD = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'

for (const [name, does] of Object.entries(COMMANDS)) {
  needs(
    test.serial,
    'root',
    'netns',
  )(`a command of a host that ${name}`, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'deadline-'))
    writeFileSync(join(dir, 'ip'), `#!/bin/sh\n${does}\n`, { mode: 0o755 })
    const { exit, report, overMs, stderr } = await doctor(
      ['check', '--host', 'local:', '--etcd', 'http://127.0.0.1:1'],
      ['unshare', '-m', 'sh', '-c', INSTEAD, 'sh', join(dir, 'ip'), realpathSync(commandPath('ip') ?? '')],
    )
    t.true(overMs < SPARE_MS, `${overMs} ms over`)
    t.true(exit === 1 || exit === 3, stderr) // something may be wrong with this machine
    t.is(report?.hosts.length, 1)
    t.deepEqual(report?.hosts[0]?.facts.known.includes('links'), false)
    rmSync(dir, { recursive: true })
  })
}
