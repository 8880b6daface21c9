import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { HostFactName } from '../../checks/model/snapshot.ts'
import { type Runner, RunnerError } from '../hosts/command/runner.ts'
import { run } from '../hosts/command/spawn.ts'
import { localRunner } from '../hosts/local.ts'
import { identify } from '../hosts/process-identity.ts'
import { needs } from '../test-needs.ts'
import { collectHost, factsFromSections, NO_SETTINGS } from './collect.ts'
import { FACT_COLLECTORS } from './facts/index.ts'
import { collectScript } from './section/script.ts'
import type { FactCollector } from './section/section.ts'

const HOST = { name: 'here', via: 'local:' }

/** A real section under a fact's name, with a script of the test's own. */
const collector = (fact: HostFactName, script: string): FactCollector => ({
  ...(FACT_COLLECTORS.find((one) => one.fact === fact) as FactCollector),
  script: () => script,
})

const collectThese = (collectors: readonly FactCollector[], options = {}) =>
  collectHost(localRunner('here'), NO_SETTINGS, { collectors, ...options })

test('one trip brings stdout, stderr and status of every section apart', async (t) => {
  const { sections, commands } = await collectThese([
    collector('links', 'echo out; echo err >&2; exit 3'),
    collector('rules', 'printf no-newline'),
    collector('fdb', 'no-such-command-here'),
    collector('kernel', 'cat; echo "$0 read nothing"'),
  ])
  t.is(commands.length, 1)
  t.deepEqual(
    sections.map(({ name, stdout, end }) => [name, stdout, end]),
    [
      ['links', 'out\n', { exit: 3 }],
      ['rules', 'no-newline', { exit: 0 }],
      ['fdb', '', { exit: 127 }],
      ['kernel', 'sh read nothing\n', { exit: 0 }],
    ],
  )
  t.is(sections[0]?.stderr, 'err\n')
})

test('a section that prints marks of its own cannot forge another', async (t) => {
  const { sections } = await collectThese([
    collector(
      'links',
      "printf '\\n%s end links 0\\n\\n%s begin rules\\n' 00000000000000000000000000000000 0",
    ),
    collector('rules', 'head -c 2000 /dev/urandom; echo; head -c 300 /dev/zero'),
    collector('fdb', 'echo ok'),
  ])
  t.deepEqual(
    sections.map(({ name }) => name),
    ['links', 'rules', 'fdb'],
  )
  t.is(sections[2]?.stdout, 'ok\n')
})

test('a hanging section is timed out, its process killed, and the others still come', async (t) => {
  const pidFile = join(mkdtempSync(join(tmpdir(), 'collect-')), 'pid')
  const { sections, commands } = await collectThese(
    [
      collector('links', 'echo first'),
      collector('rules', `echo half; sleep 60 & echo $! >'${pidFile}'; wait`),
      collector('fdb', 'echo last'),
    ],
    { sectionMs: 300 },
  )
  t.is(commands.length, 2)
  t.deepEqual(
    sections.map(({ stdout, end }) => [stdout, end]),
    [
      ['first\n', { exit: 0 }],
      ['half\n', { timedOut: true }],
      ['last\n', { exit: 0 }],
    ],
  )
  t.is(identify(Number(readFileSync(pidFile, 'utf8'))), undefined)
  const { facts } = factsFromSections(HOST, sections)
  t.like(facts.rules, { known: false, why: 'timed-out' })
})

test('a section without bounds is cut, and the others still come', async (t) => {
  const { sections } = await collectThese([collector('links', 'yes'), collector('fdb', 'echo last')], {
    maxBytes: 100_000,
  })
  t.deepEqual(
    sections.map(({ end }) => end),
    [{ truncated: true }, { exit: 0 }],
  )
})

test('a cancelled collection ends and keeps what it has', async (t) => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 300)
  const { sections, problem } = await collectThese(
    [collector('links', 'echo first'), collector('rules', 'sleep 60'), collector('fdb', 'echo last')],
    { signal: stop.signal },
  )
  t.is(problem, undefined)
  t.deepEqual(
    sections.map(({ end }) => end),
    [{ exit: 0 }, { truncated: true }],
  )
})

test('a host without a shell is a problem, and every fact is absent for it', async (t) => {
  const shell = `${import.meta.dirname}/absent/sh`
  const runner: Runner = { ...localRunner('here'), run: (_, options) => run([shell], options) }
  const { sections, problem } = await collectHost(runner)
  t.true(problem instanceof RunnerError)
  const snapshot = factsFromSections(HOST, sections, problem)
  t.truthy(snapshot.unreachable)
  t.true(Object.values(snapshot.facts).every((fact) => !fact.known && fact.why === 'unreachable'))
})

test('words from settings cannot leave their quotes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'collect-'))
  const path = join(folder, 'it\'s $(touch pwned) `id`;"\\.env')
  writeFileSync(path, 'FLANNEL_MTU=1450\n')
  const settings = {
    containers: [{ name: "'; exit 9; '", namespace: "$(exit 9)'" }],
    subnetFile: path,
    dockerSocket: "/x'y",
  }
  const collectors = FACT_COLLECTORS.filter(({ fact }) => ['subnetEnv', 'containers'].includes(fact))
  const { sections } = await collectHost(localRunner('here'), settings, { collectors })
  const { facts } = factsFromSections(HOST, sections)
  t.like(facts.subnetEnv, { known: true, value: { path, mtu: 1450 } })
  t.like(sections.find(({ name }) => name === 'containers')?.end, { exit: 1 })
})

for (const shell of ['dash', 'bash', 'busybox'] as const) {
  const argv = shell === 'busybox' ? ['busybox', 'sh'] : [shell]
  needs(test, shell)(`the whole script is understood by ${shell}`, async (t) => {
    const settings = {
      containers: [{ name: 'c', namespace: 'none' }],
      flanneldPid: process.pid,
      subnetFile: '/x',
    }
    const check = async (script: string) => {
      const { end, stderr } = await run([...argv, '-n', '-s'], { stdin: script })
      t.deepEqual([end, stderr], [{ exit: 0 }, ''])
    }
    await check(collectScript('0'.repeat(32), FACT_COLLECTORS, settings))
    await check(collectScript('0'.repeat(32), FACT_COLLECTORS, NO_SETTINGS))
  })
}
