/** The command line as its user meets it: the real process, its exit status, its two streams. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { CHECKS } from '../../checks/registry.ts'
import { doctor } from './doctor-for-tests.ts'

const STATES = fileURLToPath(new URL('../../fixtures/states/', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-cli-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

test('--help shows every command with examples', async (t) => {
  const { exit, stdout } = await doctor('--help')
  t.is(exit, 0)
  for (const command of ['check', 'collect', 'replay', 'explain', 'list', 'lab'])
    t.regex(stdout, new RegExp(`^  ${command}`, 'm'))
  t.regex(stdout, /Examples:/)
  t.regex(stdout, /Exit status: 0 healthy/)
})

test('a healthy recorded state is exit 0, a broken one exit 1', async (t) => {
  const healthy = await doctor('replay', `${STATES}v0.28.9-vxlan`)
  t.is(healthy.exit, 0, healthy.stdout)
  t.regex(healthy.stdout, /^HEALTHY/)
  const broken = await doctor('replay', `${STATES}v0.20.0-vxlan-missed-lease`)
  t.is(broken.exit, 1)
  t.regex(broken.stdout, /^BROKEN/)
})

test('--quiet says nothing when healthy; json goes to a file, text to stdout', async (t) => {
  const file = join(folder, 'report.json')
  const { exit, stdout } = await doctor(
    'replay',
    `${STATES}v0.28.9-udp`,
    '--quiet',
    '--format',
    'text',
    '--format',
    `json=${file}`,
  )
  t.is(exit, 0)
  t.is(stdout, '')
  t.is(JSON.parse(readFileSync(file, 'utf8')).verdict, 'healthy')
})

test('a file that cannot be written takes neither the printed report nor another file along', async (t) => {
  const [absent, written] = [join(folder, 'absent/report.html'), join(folder, 'written.json')]
  const formats = ['text', `html=${absent}`, `json=${written}`].flatMap((format) => ['--format', format])
  const { exit, stdout, stderr } = await doctor('replay', `${STATES}v0.28.9-vxlan`, ...formats)
  t.is(exit, 2)
  t.regex(stdout, /^HEALTHY/)
  t.regex(stderr, /cannot write .*report\.html: no such folder/)
  t.is(JSON.parse(readFileSync(written, 'utf8')).verdict, 'healthy')
})

test('--only and --skip choose checks and codes; --fail-on moves the threshold', async (t) => {
  const state = `${STATES}v0.20.0-vxlan-missed-lease`
  const outcomeOf = async (...argv: string[]) =>
    JSON.parse((await doctor('replay', state, '--format', 'json', ...argv)).stdout)
  const fdb = await outcomeOf('--only', 'fdb')
  t.deepEqual([...new Set(fdb.results.map(({ check }: { check: string }) => check))], ['fdb/peer-vtep'])
  t.is(fdb.verdict, 'broken')
  const skipped = await outcomeOf('--only', 'fdb', '--skip', 'fdb/peer-vtep:missing')
  t.is(skipped.verdict, 'healthy')
  const link = await outcomeOf('--only', 'link', '--fail-on', 'info')
  t.is(link.verdict, 'healthy')
  const { stdout } = await doctor('replay', state, '--only', 'netfilter')
  t.regex(stdout, /^HEALTHY .*; only netfilter; /)
})

test('a saved state with a missing section is undecided, and says which', async (t) => {
  const dir = join(folder, 'holes')
  cpSync(`${STATES}v0.28.9-vxlan`, dir, { recursive: true })
  rmSync(join(dir, 'h2', 'routes.txt'))
  const { exit, stdout } = await doctor('replay', dir)
  t.is(exit, 3, stdout)
  t.regex(stdout, /^UNDECIDED/)
  t.regex(stdout, /h2: routes missing/)
})

test('a saved state with broken text loses that fact and nothing else', async (t) => {
  const dir = join(folder, 'garbled')
  cpSync(`${STATES}v0.28.9-vxlan`, dir, { recursive: true })
  writeFileSync(join(dir, 'h1', 'fdb.txt'), '[{"mac": 12, \u001b[31m')
  const { exit, stdout, stderr } = await doctor('replay', dir)
  t.is(exit, 3, stdout)
  t.is(stderr, '')
  t.false(stdout.includes('\u001b'))
})

test('a saved state whose datastore.json or sections.json is none is one clear line and exit 2', async (t) => {
  for (const [file, content, words] of [
    ['datastore.json', '{"prefix": 1}', /datastore\.json: prefix: expected string, found number/],
    ['h1/sections.json', '7', /h1\/sections\.json: expected an object, found 7/],
  ] as const) {
    const dir = join(folder, file.replace('/', '-'))
    cpSync(`${STATES}v0.28.9-vxlan`, dir, { recursive: true })
    writeFileSync(join(dir, file), content)
    const { exit, stdout, stderr } = await doctor('replay', dir)
    t.is(exit, 2, stdout)
    t.regex(stderr, words)
    t.is(stderr.trim().split('\n').length, 1, stderr)
  }
})

test('explain prints the page of a check, and for a code its wording first', async (t) => {
  const page = await doctor('explain', 'route/peer-subnet')
  t.is(page.exit, 0)
  t.regex(page.stdout, /^# .*\n[\s\S]*## What it compares/)
  const code = await doctor('explain', 'route/peer-subnet:missing')
  t.regex(code.stdout, /^route\/peer-subnet:missing {2}\(critical/)
})

test('list checks is the registry, as text and as JSON', async (t) => {
  const { stdout } = await doctor('list', 'checks', '--format', 'json')
  const rows = JSON.parse(stdout) as { name: string; codes: { code: string }[] }[]
  t.is(rows.length, CHECKS.length)
  t.true(rows.every(({ codes }) => codes.length > 0))
  const text = await doctor('list', 'checks')
  for (const { name } of rows) t.true(text.stdout.includes(name))
})

test('a host that is not there is undecided and named', async (t) => {
  const { exit, stdout } = await doctor(
    'check',
    '--host',
    'netns://no-such-namespace',
    '--etcd',
    'http://127.0.0.1:9',
  )
  t.is(exit, 3, stdout)
  t.regex(stdout, /no network namespace no-such-namespace|needs root/)
})

test('collect says that no leases are in what it saved; without hosts it has saved nothing', async (t) => {
  const none = ['--etcd', 'http://127.0.0.1:1', '--save', join(folder, 'unread.tgz')]
  const absent = await doctor('collect', '--host', 'netns://flannel-doctor-absent', ...none)
  t.is(absent.exit, 3)
  t.regex(absent.stderr, /^no leases in the saved state: no etcd endpoint answered/m)
  const leased = await doctor('collect', '--from-leases', 'ssh://{publicIp}', ...none)
  t.is(leased.exit, 3)
  t.regex(leased.stderr, /^saved 0 of 0 hosts/m)
  t.is((await doctor('collect', '--local', '--from-leases', 'ssh://{publicIp}', ...none)).exit, 2)
})
