import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { open, run } from '../hosts/command/spawn.ts'
import { SETUP_VARIABLE, withHeldServices } from './held-services.js'

const MODULE = fileURLToPath(new URL('held-services.js', import.meta.url))
const POLICY = 'usr/sbin/policy-rc.d'
const LOCK = 'run/flannel-doctor-setup'

/** A machine's folders, as a root of their own. */
function machine(): string {
  const root = mkdtempSync(join(tmpdir(), 'setup-'))
  mkdirSync(join(root, 'etc/systemd/system/multi-user.target.wants'), { recursive: true })
  mkdirSync(join(root, 'etc/rc2.d'))
  return root
}

/** What the packages' scripts do: they enable their daemons. */
function enable(root: string): void {
  symlinkSync('/lib/etcd.service', join(root, 'etc/systemd/system/multi-user.target.wants/etcd.service'))
  symlinkSync('/lib/cron.service', join(root, 'etc/systemd/system/multi-user.target.wants/cron.service'))
  symlinkSync('../init.d/docker', join(root, 'etc/rc2.d/S01docker'))
}

async function policySays(root: string, environment: Record<string, string>): Promise<unknown> {
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  return (await run(['env', '-u', SETUP_VARIABLE, ...words, join(root, POLICY), 'etcd', 'start'])).end
}

/** A set-up as a process of its own; it says `inside`, then waits for what `then` does. */
function other(root: string, then: string) {
  const script = `const { withHeldServices } = await import(${JSON.stringify(MODULE)})
  const { spawnSync } = await import('node:child_process')
  withHeldServices((env) => { console.log('inside'); ${then} }, { root: ${JSON.stringify(root)}, log: console.log })`
  return open([process.execPath, '--input-type=module', '-e', script])
}

async function said(command: Awaited<ReturnType<typeof other>>, word: string): Promise<void> {
  for await (const chunk of command.stdout) if (Buffer.from(chunk).toString().includes(word)) return
}

test('only what the set-up itself installs is held back, and nothing stays', async (t) => {
  const root = machine()
  const lines: string[] = []
  const given = withHeldServices((environment) => environment, { root, log: (line) => lines.push(line) })
  t.is(given[SETUP_VARIABLE], '1')
  t.false(existsSync(join(root, POLICY)))
  t.false(existsSync(join(root, LOCK)))
  t.deepEqual(lines, [])
})

test('daemons that were enabled by it are disabled again, others are left alone', (t) => {
  const root = machine()
  symlinkSync(
    '/lib/containerd.service',
    join(root, 'etc/systemd/system/multi-user.target.wants/containerd.service'),
  )
  const lines: string[] = []
  withHeldServices(() => enable(root), { root, log: (line) => lines.push(line) })
  t.deepEqual(readdirSync(join(root, 'etc/systemd/system/multi-user.target.wants')).sort(), [
    'containerd.service',
    'cron.service',
  ])
  t.deepEqual(readdirSync(join(root, 'etc/rc2.d')), ['K01docker'])
  t.regex(lines.join('\n'), /etcd\.service, docker will not start at boot/)
})

test('a policy of somebody else is kept', (t) => {
  const root = machine()
  mkdirSync(join(root, 'usr/sbin'), { recursive: true })
  writeFileSync(join(root, POLICY), '#!/bin/sh\nexit 101\n')
  withHeldServices(() => {}, { root, log: () => {} })
  t.is(readFileSync(join(root, POLICY), 'utf8'), '#!/bin/sh\nexit 101\n')
})

for (const signal of ['SIGKILL', 'SIGHUP'] as const) {
  test(`after ${signal} the policy forbids nothing to others, and the next set-up puts all right`, async (t) => {
    const root = machine()
    const first = await other(root, "spawnSync('sleep', ['30'])")
    await said(first, 'inside')
    t.deepEqual(await policySays(root, {}), { exit: 0 })
    t.deepEqual(await policySays(root, { [SETUP_VARIABLE]: '1' }), { exit: 101 })
    enable(root)
    process.kill(first.pid, signal)
    if (signal === 'SIGKILL') await first.ended
    else await first.stop(0)
    if (existsSync(join(root, POLICY))) t.deepEqual(await policySays(root, {}), { exit: 0 })
    withHeldServices(() => {}, { root, log: () => {} })
    t.false(existsSync(join(root, POLICY)))
    t.false(existsSync(join(root, LOCK)))
    t.deepEqual(readdirSync(join(root, 'etc/systemd/system/multi-user.target.wants')), ['cron.service'])
    await first.stop(0)
  })
}

test('of two set-ups at once the second waits, and the policy stands as long as one runs', async (t) => {
  const root = machine()
  const first = await other(root, "spawnSync('sleep', ['1'])")
  await said(first, 'inside')
  const second = await other(
    root,
    `console.log(existsSync(${JSON.stringify(join(root, POLICY))}))`.replace(
      'existsSync',
      "process.getBuiltinModule('fs').existsSync",
    ),
  )
  let words = ''
  for await (const chunk of second.stdout) words += Buffer.from(chunk).toString()
  t.regex(words, /^waiting for another set-up \(process \d+\)\ninside\ntrue\n$/)
  t.deepEqual(await first.ended, { exit: 0 })
  t.false(existsSync(join(root, POLICY)))
})
