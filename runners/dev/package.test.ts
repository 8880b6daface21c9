/** What users install: the tarball of `npm pack`, which asks for no other package, unpacked and run. */
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import test from 'ava'
import { publint } from 'publint'
import { run } from '../hosts/command/spawn.ts'
import { stateWithPorts } from '../plugins/plugin-files-for-tests.ts'
import { AS_NOBODY, needs } from '../test-needs.ts'
import { checkByAccount } from './etcd-with-accounts-for-tests.ts'
import { ROOT } from './installed-package.ts'
import { must, packed, unpack } from './npm-tarball-for-tests.ts'

const MOST_BYTES = 10_000_000
/** Also run on these, where `FLANNEL_DOCTOR_NODES` names them: `/opt/node-22/bin/node:/opt/node-26/bin/node`. */
const NODES = [process.execPath, ...(process.env.FLANNEL_DOCTOR_NODES ?? '').split(':').filter(Boolean)]

const work = realpathSync(mkdtempSync(join(tmpdir(), 'flannel-doctor-package-')))
test.after.always(() => rmSync(work, { recursive: true, force: true }))

const app = join(work, 'app')
const installed = join(app, 'node_modules/flannel-doctor')
const bin = join(app, 'node_modules/.bin/flannel-doctor')
let tarball = ''

test.before('npm pack, and an installation of it', async () => {
  const source = join(work, 'source')
  mkdirSync(join(source, 'runners'), { recursive: true })
  for (const name of [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'runners/bin.js',
    'runners/setup',
  ]) {
    cpSync(join(ROOT, name), join(source, name), { recursive: true })
  }
  await must([process.execPath, join(ROOT, 'runners/dev/build-dist.ts'), join(source, 'dist')])
  // What `npm run deb` and `npm run docs` leave there.
  for (const left of ['flannel-doctor_0_amd64.deb', 'docs/api/index.html'])
    cpSync(join(ROOT, 'LICENSE'), join(source, 'dist', left))
  tarball = await packed(source, work)
  await unpack(tarball, installed)
  mkdirSync(join(app, 'node_modules/.bin'), { recursive: true })
  symlinkSync('../flannel-doctor/runners/bin.js', bin)
})

test('holds what is meant and nothing else', (t) => {
  const files = globSync('**/*', { cwd: installed }).filter((path) =>
    statSync(join(installed, path)).isFile(),
  )
  const wrong = files.filter((path) =>
    /\.test\.|for-tests|\/dev\/|fault-states|(?<!\.d)\.ts$|\.tsbuildinfo$|test-needs|checks\/tester/.test(
      path,
    ),
  )
  t.deepEqual(wrong, [])
  for (const needed of [
    'dist/reports/report.schema.json',
    'dist/docs/handbook.html',
    'dist/package.json',
    'dist/checks/fdb/peer-vtep.md',
  ]) {
    t.true(files.includes(needed), needed)
  }
  const dist = 'LICENCES-OF-PACKAGES.txt bundle checks docs fixtures package.json proto reports runners share'
  t.is(readdirSync(join(installed, 'dist')).sort().join(' '), dist)
  t.deepEqual(readdirSync(join(installed, 'dist/docs')), ['handbook.html'])
  const state = 'dist/fixtures/states/v0.28.9-vxlan'
  t.deepEqual(
    readdirSync(join(installed, state)).sort(),
    readdirSync(join(ROOT, state.replace('dist/', ''))).sort(),
  )
})

test('an installation is smaller than 10 MB: no Node, no other package, but the licences of those inside', (t) => {
  const size = globSync('**/*', { cwd: app })
    .map((path) => statSync(join(app, path)))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
  t.log(`${(size / 1024 ** 2).toFixed(1)} MiB`)
  t.true(size < MOST_BYTES, `${size}`)
  t.deepEqual(readdirSync(join(app, 'node_modules')).sort(), ['.bin', 'flannel-doctor'])
  t.is(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).dependencies, undefined)
  const texts = readFileSync(join(installed, 'dist/LICENCES-OF-PACKAGES.txt'), 'utf8')
  for (const name of ['etcd3', '@grpc/grpc-js', 'minipass', 'zod']) t.true(texts.includes(`${name} `), name)
})

test('publint has nothing to say', async (t) => {
  const data = readFileSync(tarball)
  const { messages } = await publint({ pack: { tarball: Uint8Array.from(data).buffer }, strict: true })
  t.deepEqual(messages, [])
})

test('types resolve for everyone who can import an ES module', async (t) => {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))))
  t.truthy(checked.types)
  const problems = 'problems' in checked ? checked.problems : []
  // CommonJS gets the module by require(esm), which every Node we run on has; the oldest resolution knows no exports.
  t.deepEqual(
    problems.filter(
      (problem) =>
        problem.kind !== 'CJSResolvesToESM' &&
        !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
    ),
    [],
  )
})

/** A program of somebody who uses the library. */
const USER = `
import { checkNetwork, exitCode, InputError, render, replay } from 'flannel-doctor'
const { report } = await replay(process.argv[2])
const text = await render(report, 'text')
const wrong = await checkNetwork({ host: ['telnet://x'] }).catch((error) => error)
console.log(JSON.stringify([report.verdict, exitCode(report), report.run.argv, text.split(' ')[0], wrong instanceof InputError]))
`
const STATE = join(ROOT, 'fixtures/states/v0.20.0-vxlan-missed-lease')

for (const node of NODES) {
  test(`every command that needs no lab runs from it, on ${node}`, async (t) => {
    const doctor = (...words: readonly string[]) => run([node, bin, ...words], { timeoutMs: 60_000 })
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    t.is((await doctor('--version')).stdout.toString(), `${version}\n`)
    const grammar = await must([process.execPath, join(ROOT, 'runners/bin.js'), '--help'])
    t.is((await doctor('--help')).stdout.toString(), grammar)
    for (const words of ['list checks', 'list faults', 'explain fdb/peer-vtep:missing']) {
      const { end, stdout, stderr } = await doctor(...words.split(' '))
      t.deepEqual(end, { exit: 0 }, stderr)
      t.true(stdout.length > 200)
    }
    const { end, stdout } = await doctor('replay', STATE, '--format', 'json')
    t.deepEqual(end, { exit: 1 })
    t.is(JSON.parse(stdout.toString()).causes[0].code, 'lease/peer:unprogrammed')
    t.deepEqual((await doctor('check', '--host', 'telnet://x')).end, { exit: 2 })
    const file = join(app, `user-${NODES.indexOf(node)}.mjs`)
    writeFileSync(file, USER)
    t.deepEqual(JSON.parse(await must([node, file, STATE])), ['broken', 1, [], 'BROKEN', true])
  })
}

needs(test, 'etcd')('an etcd with accounts, which only gRPC reads', async (t) => {
  const { network, datastoreProblems } = await checkByAccount([process.execPath, bin])
  t.deepEqual([network.leases[0].publicIp, datastoreProblems], ['192.0.2.11', []])
})

test('the example of a plugin, installed beside it: run, explained, in every format, its tests pass', async (t) => {
  const plugin = join(app, 'node_modules/flannel-doctor-plugin-acme')
  const example = join(ROOT, 'fixtures/plugin-example')
  await unpack(await packed(example, work), plugin)
  t.is(
    readdirSync(plugin).sort().join(' '),
    'README.md acme.js csv.js package.json port-range.js port-range.md',
  )
  const named = ['--plugin', 'flannel-doctor-plugin-acme']
  const doctor = (...words: readonly string[]) =>
    run(['env', '-C', app, process.execPath, bin, ...words, ...named], { timeoutMs: 60_000 })
  t.regex((await doctor('explain', 'acme/port-range')).stdout.toString(), /^# range of local ports/)
  const formats: readonly string[] =
    (await doctor('list', 'reporters')).stdout.toString().match(/^[\w/]+/gm) ?? []
  t.true(formats.includes('acme/csv') && formats.includes('sarif'))
  const files = formats.map((format) => [format, join(work, format.replace('/', '-'))] as const)
  const asked = files.flatMap(([format, file]) => ['--format', `${format}=${file}`])
  t.deepEqual(
    (await doctor('replay', stateWithPorts(join(work, 'state'), '1024\t65535\n\n'), ...asked)).end,
    { exit: 1 },
  )
  for (const [format, file] of files) {
    const text = readFileSync(file, 'utf8')
    t.true(format === 'nagios' || text.includes('acme/port-range'), format)
  }
  cpSync(join(example, 'port-range.test.js'), join(plugin, 'port-range.test.js'))
  t.regex(
    await must([process.execPath, '--test', '--test-reporter=tap', join(plugin, 'port-range.test.js')]),
    /# pass 6\n# fail 0/,
  )
})

test('start without root replays the state that it brings', async (t) => {
  // A checkout of root's own (umask 077) stays readable for it.
  const asNobody = [...AS_NOBODY, '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--']
  const command = [...(process.getuid?.() === 0 ? asNobody : []), process.execPath, bin, 'start']
  const { end, stdout, stderr } = await run(command, { timeoutMs: 60_000 })
  t.deepEqual(end, { exit: 0 }, stderr)
  t.regex(stderr, /replaying a recorded state/)
  t.regex(stdout.toString(), /^HEALTHY/)
})
