/** The runner for `docker://CONTAINER` on a real engine, and what it says when something is in its way. */
import { chmodSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { collectHost, factsFromSections } from '../../collect/collect.ts'
import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { type Runner, RunnerError } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'
import { containerNetwork, dockerRunner } from '../../hosts/docker.ts'
import { AS_NOBODY, needs } from '../../test-needs.ts'
import { startIdle, startTestEngine, stopTestEngine, type TestEngine } from './engine-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'flanneld', 'docker')
const PROGRAM = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url))
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

let engine: TestEngine | undefined

/** An engine with a container `one` that runs and `two` that is stopped. */
async function engineOfTests(): Promise<TestEngine> {
  if (engine !== undefined) return engine
  engine = await startTestEngine()
  for (const name of ['one', 'two']) await startIdle(engine, name)
  await docker('kill', 'two')
  return engine
}

async function docker(...words: readonly string[]): Promise<string> {
  const { stdout } = await run(['docker', '-H', `unix://${engine?.socket}`, ...words])
  return text(stdout)
}

async function runnerOf(container: string): Promise<Runner> {
  return dockerRunner(container, container, (await engineOfTests()).socket)
}

test.after.always(async () => {
  if (engine !== undefined) await stopTestEngine(engine)
})

live('one round trip collects a container’s own network and processes', async (t) => {
  const runner = await runnerOf('one')
  const { sections, commands, problem } = await collectHost(runner)
  t.is(problem, undefined)
  t.is(commands.length, 1)
  const { facts } = factsFromSections({ name: 'one', via: runner.via }, sections)
  t.is(Object.keys(facts).length, FACT_COLLECTORS.length)
  t.true(facts.kernel.known)
  t.deepEqual(facts.links.known && facts.links.value.map(({ name }) => name), ['lo'])
  t.like(facts.flanneld, { known: true, value: { processes: [] } })
  await runner.close()
})

live('words, input, bytes and the exit status arrive as they are', async (t) => {
  const runner = await runnerOf('one')
  const words = ['a b', '$(id)', "it's", '*', '"', '', '-i', 'ü']
  t.deepEqual(
    text((await runner.run(['printf', '%s\\n', ...words])).stdout)
      .split('\n')
      .slice(0, -1),
    words,
  )
  t.is(text((await runner.run(['cat'], { stdin: 'über\n' })).stdout), 'über\n')
  t.deepEqual([...(await runner.run(['printf', '\\377\\000'])).stdout], [255, 0])
  t.deepEqual((await runner.run(['sh', '-c', 'echo no >&2; exit 1'])).end, { exit: 1 })
  t.deepEqual((await runner.run(['flannel-doctor-no-such-command'])).end, { exit: 127 })
})

live('a command’s own words are not taken for Docker’s', async (t) => {
  const runner = await runnerOf('one')
  const script = 'echo "Error response from daemon: No such container: one" >&2; exit 1'
  t.deepEqual((await runner.run(['sh', '-c', script])).end, { exit: 1 })
})

live('a command that is stopped ends in the container too', async (t) => {
  const runner = await runnerOf('one')
  const find = 'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline | grep "^sleep 77"; done 2>/dev/null'
  const sleepers = async (): Promise<string> => text((await runner.run(['sh', '-c', find])).stdout)
  const late = await runner.run(['sh', '-c', 'sleep 77; true'], { timeoutMs: 500 })
  t.deepEqual(late.end, { timedOut: true })
  t.is(await sleepers(), '')
  const started = await runner.open(['sh', '-c', 'echo up; sleep 77'])
  for await (const chunk of started.stdout) {
    t.is(text(chunk), 'up\n')
    break
  }
  t.is(await sleepers(), 'sleep 77 \n')
  await started.stop(200)
  t.is(await sleepers(), '')
})

const REFUSALS = [
  ['nowhere', 'unreachable', /^docker:\/\/nowhere: no container nowhere \(see: docker ps -a\)$/],
  ['two', 'unreachable', /^docker:\/\/two: the container is not running \(exited\)$/],
] as const

for (const [container, problem, message] of REFUSALS) {
  live(`container ${container} is refused in one sentence`, async (t) => {
    const runner = await runnerOf(container)
    const collected = await collectHost(runner)
    t.is(collected.problem?.problem, problem)
    t.regex(collected.problem?.message ?? '', message)
    await t.throwsAsync(containerNetwork(container, (await engineOfTests()).socket), {
      instanceOf: RunnerError,
      message,
    })
    await t.throwsAsync(runner.run(['true']), { instanceOf: RunnerError, message })
  })
}

live('a container that stops in the middle leaves what was read, and the reason', async (t) => {
  await engineOfTests()
  await docker('start', 'two')
  const runner = await runnerOf('two')
  const [first, second, ...rest] = FACT_COLLECTORS
  if (first === undefined || second === undefined) return t.fail()
  const collectors = [first, { ...second, script: () => 'sleep 30' }, ...rest]
  const collecting = collectHost(runner, undefined, { collectors, sectionMs: 25_000 })
  while (!(await docker('top', 'two')).includes('sleep 30')) await setTimeout(100)
  await docker('kill', 'two')
  const { sections, problem } = await collecting
  t.regex(problem?.message ?? '', /^docker:\/\/two: the container is not running \(exited\)$/)
  const { facts } = factsFromSections({ name: 'two', via: runner.via }, sections, problem)
  t.true(facts[first.fact].known)
  t.like(facts[second.fact], { known: false, why: 'unreachable' })
  t.like(facts.iptables, { known: false, why: 'unreachable' })
})

test('no engine: one sentence, nothing is waited for', async (t) => {
  const socket = `${import.meta.dirname}/absent/docker.sock`
  const { problem } = await collectHost(dockerRunner('h1', 'h1', socket))
  if (problem?.problem === 'not-installed') t.regex(problem.message, /^docker is not installed/)
  else t.is(problem?.message, 'docker://h1: no Docker engine answers (is dockerd running?)')
})

/** `check` of a container; its exit status and what it says. */
async function check(
  words: readonly string[],
  env: readonly string[],
  container: string,
): Promise<[number, string]> {
  const argv = [
    ...words,
    'env',
    ...env,
    process.execPath,
    PROGRAM,
    'check',
    '--host',
    `docker://${container}`,
  ]
  const { end, stdout, stderr } = await run(argv, { timeoutMs: 180_000 })
  return ['exit' in end ? end.exit : -1, `${text(stdout)}${stderr}`]
}

live('check: what is in the way is told, and the exit status says that it is undecided', async (t) => {
  const { socket } = await engineOfTests()
  const host = `DOCKER_HOST=unix://${socket}`
  const missing = await check([], [host], 'nowhere')
  t.is(missing[0], 3)
  t.regex(missing[1], /no container nowhere \(see: docker ps -a\)/)
  const none = await check([], [`DOCKER_HOST=unix://${import.meta.dirname}/absent.sock`], 'one')
  t.is(none[0], 3)
  t.regex(none[1], /no Docker engine answers/)
  const uninstalled = await check([], [`PATH=${import.meta.dirname}/absent`, host], 'one')
  t.is(uninstalled[0], 3)
  t.regex(uninstalled[1], /docker is not installed/)
})

needs(
  test.serial,
  'root',
  'netns',
  'flanneld',
  'docker',
  'nobody',
)('check: a user who may not use the socket is told so', async (t) => {
  const { socket } = await engineOfTests()
  chmodSync(socket, 0o000)
  try {
    const [exit, said] = await check(AS_NOBODY, [`DOCKER_HOST=unix://${socket}`, 'HOME=/tmp'], 'one')
    t.is(exit, 3)
    t.regex(said.replaceAll(/\s+/g, ' '), /Docker refuses this user: permission denied on its socket/)
  } finally {
    chmodSync(socket, 0o660)
  }
})
