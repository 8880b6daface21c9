/** Formats as a pipeline and a monitor meet them: files, exit status, and what is written when a run dies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { REPORTERS } from '../../../reports/registry.ts'
import { run } from '../../hosts/command/spawn.ts'

const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
const STATES = fileURLToPath(new URL('../../../fixtures/states/', import.meta.url))
const BROKEN = `${STATES}v0.20.0-vxlan-missed-lease`

const NOWHERE = join(import.meta.dirname, 'not-there.yaml')
const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-formats-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

async function doctor(argv: readonly string[], onGitHub = false) {
  const words = ['env', `GITHUB_ACTIONS=${onGitHub}`, process.execPath, BIN, ...argv]
  const result = await run(words, { timeoutMs: 60_000 })
  const exit = 'exit' in result.end ? result.end.exit : -1
  return { exit, stdout: Buffer.from(result.stdout).toString('utf8'), stderr: result.stderr }
}

test('several formats in one run, each to its file', async (t) => {
  const names = Object.keys(REPORTERS).filter((name) => name !== 'text')
  const wanted = names.flatMap((name) => ['--format', `${name}=${join(folder, name)}`])
  const { exit, stdout } = await doctor(['replay', BROKEN, '--format', 'text', ...wanted])
  t.is(exit, 1)
  t.regex(stdout, /^BROKEN/)
  for (const name of names) t.true(readFileSync(join(folder, name), 'utf8').length > 100, name)
})

test('list reporters shows them all', async (t) => {
  const { stdout } = await doctor(['list', 'reporters', '--format', 'json'])
  t.deepEqual(
    JSON.parse(stdout).map(({ name }: { name: string }) => name),
    Object.keys(REPORTERS),
  )
})

test('printed for a monitor the exit status is its own', async (t) => {
  t.is((await doctor(['replay', BROKEN, '--format', 'nagios'])).exit, 2)
  t.is((await doctor(['replay', BROKEN, '--format', `nagios=${join(folder, 'n')}`])).exit, 1)
  const dead = await doctor(['replay', NOWHERE, '--format', 'nagios'])
  t.is(dead.exit, 3)
  t.regex(dead.stdout, /^FLANNEL UNKNOWN - /)
})

test('a run that dies is a failed case in the file that was asked for', async (t) => {
  const file = join(folder, 'dead.xml')
  const { exit, stderr } = await doctor(['check', '--inventory', NOWHERE, '--format', `junit=${file}`])
  t.is(exit, 2)
  t.regex(stderr, /^flannel-doctor: .*not-there\.yaml/)
  t.regex(
    readFileSync(file, 'utf8'),
    /errors="1".*\n.*\n.*<testcase classname="network" name="the run comes to its end"/,
  )
})

test('GitHub Actions get annotations unasked, and only what was asked for when it was', async (t) => {
  t.regex((await doctor(['replay', BROKEN], true)).stdout, /^BROKEN[\s\S]*^::error title=/m)
  t.notRegex((await doctor(['replay', BROKEN, '--format', 'text'], true)).stdout, /^::/m)
})
