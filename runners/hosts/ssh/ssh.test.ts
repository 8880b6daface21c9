/** The ssh runner against a real sshd in a network namespace of its own. */
import { readFileSync, writeFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { collectHost, factsFromSections } from '../../collect/collect.ts'
import { needs } from '../../test-needs.ts'
import { type Runner, RunnerError, type RunnerProblem } from '../command/runner.ts'
import { run } from '../command/spawn.ts'
import { textOf, withFar } from './far-host-for-tests.ts'

const live = needs(test.serial, 'root', 'sshd')

const HOSTILE = [
  '',
  ' ',
  "it's",
  '"',
  '$(id -u)',
  '`id`',
  '\\',
  "\\'",
  'a\nb',
  '!x',
  '*',
  '-n',
  '%s\\n',
  'ü\u0001',
  '~',
]

live('words and input arrive exactly, whatever the login shell, and the exit status comes back', (t) =>
  withFar(async ({ as }) => {
    for (const user of ['root', 'chatty', 'walker']) {
      const runner = as(user)
      const { stdout, end } = await runner.run(['printf', '%s\\0', ...HOSTILE])
      t.deepEqual(end, { exit: 0 })
      t.deepEqual(textOf(stdout).split('\0').slice(0, -1), HOSTILE)
      const input = `${HOSTILE.join('\n')}\n\n${'x'.repeat(300_000)}\n`
      t.is(textOf((await runner.run(['cat'], { stdin: input })).stdout), input)
    }
    const runner = as('root')
    const bytes = await runner.run(['printf', '\\377\\000\\n\\376'])
    t.deepEqual([...bytes.stdout], [255, 0, 10, 254])
    t.like(await runner.run(['sh', '-c', 'echo out; echo err >&2; exit 255']), {
      end: { exit: 255 },
      stderr: 'err\n',
    })
    t.like(await runner.run(['flannel-doctor-no-such-command']), { end: { exit: 127 } })
    await t.throwsAsync(runner.run(['echo', 'a\0b']), { instanceOf: RunnerError, message: /NUL/ })
  }),
)

live('a collection is one connection and one session', (t) =>
  withFar(async ({ as, sshd }) => {
    const runner = as('root')
    const { sections, commands, problem } = await collectHost(runner)
    t.is(problem, undefined)
    t.is(commands.length, 1)
    const { facts } = factsFromSections({ name: 'far', via: runner.via }, sections)
    t.true(facts.links.known && facts.links.value.map(({ name }) => name).join() === 'lo')
    t.true(facts.iptables.known || facts.nftables.known)
    t.deepEqual(sshd.counts(), { connections: 1, sessions: 1 })
    await Promise.all(Array.from({ length: 15 }, () => runner.run(['sleep', '1'])))
    t.is(sshd.counts().sessions, 16)
  }),
)

needs(
  test.serial,
  'root',
  'sshd',
  'sudo',
)('root by sudo where it is given, else facts that need root are absent', (t) =>
  withFar(async ({ as }) => {
    const uid = async (user: string): Promise<string> =>
      textOf((await as(user).run(['id', '-u'])).stdout).trim()
    t.is(await uid('walker'), '0')
    t.not(await uid('plain'), '0')
    const runner = as('plain')
    const { sections } = await collectHost(runner)
    const { facts } = factsFromSections({ name: 'far', via: runner.via }, sections)
    t.true(facts.links.known)
    t.like(facts.iptables, { known: false, why: 'not-permitted' })
  }),
)

async function refused(
  t: ExecutionContext,
  runner: Runner,
  expected: { readonly problem: RunnerProblem; readonly says: RegExp },
): Promise<void> {
  for (const start of [() => runner.run(['true']), () => runner.open(['true'])]) {
    const error = await t.throwsAsync<RunnerError>(start(), {
      instanceOf: RunnerError,
      message: expected.says,
    })
    t.is(error?.problem, expected.problem)
    t.notRegex(error?.message ?? '', /\n/)
  }
}

live('why a host cannot be entered is told apart', (t) =>
  withFar(async ({ as, sshd }) => {
    const other = `${sshd.key}-other`
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', other])
    writeFileSync(`${other}-known`, `${sshd.address} ${readFileSync(`${other}.pub`, 'utf8')}`)
    const changed = (from: string | RegExp, to: string): Runner =>
      as('root', (config) => config.replace(from, to))
    await refused(t, changed(sshd.key, other), {
      problem: 'auth',
      says: /the login was refused.*Permission denied/,
    })
    await refused(t, changed(sshd.knownHosts, '/dev/null'), {
      problem: 'host-key',
      says: /its host key is not known; connect once/,
    })
    await refused(t, changed(sshd.knownHosts, `${other}-known`), {
      problem: 'host-key',
      says: /is not the one that is known.*ssh-keygen -R/,
    })
    await refused(t, changed('Port 22', 'Port 23'), { problem: 'unreachable', says: /^ssh:\/\/far\d+: / })
    const nobody = as('root', (config) =>
      config.replace('Port 22', 'Port 1').replace(/ {2}ProxyCommand.*/, ''),
    )
    await refused(t, nobody, { problem: 'unreachable', says: /nothing listens there/ })
    await refused(t, changed('Port 22', 'NoSuchOption 1'), {
      problem: 'unreachable',
      says: /configuration cannot/,
    })
  }),
)

live('a login shell that runs no commands', (t) =>
  withFar(async ({ as }) => {
    for (const [user, says] of [
      ['closed', /currently not available/],
      ['menu', /1\) backup/],
    ] as const) {
      const error = await t.throwsAsync<RunnerError>(as(user).run(['true']), {
        instanceOf: RunnerError,
        message: says,
      })
      t.is(error?.problem, 'no-shell')
    }
  }),
)
