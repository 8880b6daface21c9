/** What users install: the tarball of `npm pack`, unpacked beside the packages it asks for, and run. */
import {
  cpSync,
  existsSync,
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
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import test from 'ava'
import { publint } from 'publint'
import { present } from '../../checks/model/present.ts'
import { run } from '../hosts/command/spawn.ts'
import { AS_NOBODY } from '../test-needs.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MIB = 1024 * 1024
/** Also run on these, where `FLANNEL_DOCTOR_NODES` names them: `/opt/node-22/bin/node:/opt/node-26/bin/node`. */
const NODES = [process.execPath, ...(process.env.FLANNEL_DOCTOR_NODES ?? '').split(':').filter(Boolean)]

const work = realpathSync(mkdtempSync(join(tmpdir(), 'flannel-doctor-package-')))
test.after.always(() => rmSync(work, { recursive: true, force: true }))

async function must(argv: readonly string[], stdin?: string): Promise<string> {
  const { end, stdout, stderr } = await run(argv, {
    timeoutMs: 240_000,
    ...present({ stdin }),
  })
  if ('exit' in end && end.exit === 0) return stdout.toString()
  throw new Error(`${argv.join(' ')}: ${JSON.stringify(end)} ${stdout.toString().slice(-2000)}${stderr}`)
}

interface LockedPackage {
  readonly dev?: true
  readonly optional?: true
  readonly peer?: true
}

/** Packages that the lock file installs for users, the outermost ones. */
function productionPackages(): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>
  }
  return Object.entries(packages)
    .filter(([path, { dev, peer }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !peer)
    .map(([path]) => path)
}

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
  const said = await must(['npm', 'pack', source, '--ignore-scripts', '--pack-destination', work, '--json'])
  tarball = join(work, (JSON.parse(said) as readonly [{ filename: string }])[0].filename)
  for (const path of productionPackages()) {
    cpSync(join(ROOT, path), join(app, path), { recursive: true, dereference: false })
  }
  mkdirSync(installed, { recursive: true })
  await must(['tar', '-xzf', tarball, '-C', installed, '--strip-components=1'])
  mkdirSync(join(app, 'node_modules/.bin'), { recursive: true })
  symlinkSync('../flannel-doctor/runners/bin.js', bin)
})

test('holds what is meant and nothing else', (t) => {
  const files = globSync('**/*', { cwd: installed }).filter((path) =>
    statSync(join(installed, path)).isFile(),
  )
  const wrong = files.filter((path) =>
    /\.test\.|for-tests|\/dev\/|fault-states|(?<!\.d)\.ts$|\.tsbuildinfo$|test-needs|tester/.test(path),
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
  const state = 'dist/fixtures/states/v0.28.9-vxlan'
  t.deepEqual(
    readdirSync(join(installed, state)).sort(),
    readdirSync(join(ROOT, state.replace('dist/', ''))).sort(),
  )
})

test('an installation is smaller than 30 MB and brings no Node', (t) => {
  const size = globSync('**/*', { cwd: app })
    .map((path) => statSync(join(app, path)))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
  t.log(`${(size / MIB).toFixed(1)} MiB`)
  t.true(size < 30_000_000, `${size}`)
  t.false(existsSync(join(app, 'node_modules/.bin/node')))
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
    for (const words of [
      ['--help'],
      ['list', 'checks'],
      ['list', 'faults'],
      ['explain', 'fdb/peer-vtep:missing'],
    ]) {
      const { end, stdout, stderr } = await doctor(...words)
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

test('start without root replays the state that it brings', async (t) => {
  const command = [process.execPath, bin, 'start']
  // A checkout of root's own (umask 077) stays readable for it.
  const reads = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const asNobody = [...AS_NOBODY, ...reads, '--']
  const prefix = process.getuid?.() === 0 ? asNobody : []
  const { end, stdout, stderr } = await run([...prefix, ...command], { timeoutMs: 60_000 })
  t.deepEqual(end, { exit: 0 }, stderr)
  t.regex(stderr, /replaying a recorded state/)
  t.regex(stdout.toString(), /^HEALTHY/)
})
