/** What goes on over ssh ends when it should, on both sides. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import test from 'ava'
import { textIfThere } from '../../files/text-if-there.ts'
import { needs } from '../../test-needs.ts'
import { RunnerError } from '../command/runner.ts'
import { open } from '../command/spawn.ts'
import { commandWords } from '../process-identity.ts'
import { textOf, withFar } from './far-host-for-tests.ts'

const live = needs(test.serial, 'root', 'sshd')

/** Processes of the machine with that word on their command line. */
function processesNamed(word: string): number {
  const isNamed = (pid: string): boolean => commandWords(Number(pid))?.includes(word) === true
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isNamed(name)).length
}

async function untilNone(word: string): Promise<boolean> {
  for (let tries = 0; tries < 400; tries++) {
    if (processesNamed(word) === 0) return true
    await wait(50)
  }
  return false
}

live('a command does not outlive its deadline, its stop or us', (t) =>
  withFar(async ({ as }) => {
    for (const user of ['root', 'walker']) {
      const runner = as(user)
      const [late, stopped] = [`77${process.pid}1`, `77${process.pid}2`]
      const before = await runner.run(
        ['sh', '-c', 'setsid sleep 0; trap "" INT; sleep "$1"; :', 'sh', late],
        { timeoutMs: 1500 },
      )
      t.deepEqual(before.end, { timedOut: true })
      t.true(await untilNone(late))
      const going = await runner.open(['timeout', '-s', 'INT', '300', 'sleep', stopped])
      while (processesNamed(stopped) === 0) await wait(20)
      await going.stop()
      t.true(await untilNone(stopped))
    }
  }),
)

/** First octets of a pcap file of this machine's byte order (pcap-savefile(5)). */
const PCAP_MAGIC = [0xd4, 0xc3, 0xb2, 0xa1]

needs(
  test.serial,
  'root',
  'sshd',
  'sudo',
)('a capture gives its own bytes and ends in order', (t) =>
  withFar(async ({ as, namespace }) => {
    const inside = [
      'nsenter',
      `--net=/run/netns/${namespace}`,
      '--',
      'tcpdump',
      '-U',
      '-i',
      'lo',
      'icmp',
      '-w',
      '-',
    ]
    const capture = await as('walker').open(inside)
    let said = ''
    const words = (async () => {
      for await (const chunk of capture.stderr) said += textOf(chunk)
    })()
    const first = await capture.stdout[Symbol.asyncIterator]().next()
    t.deepEqual([...(first.value ?? [])].slice(0, 4), PCAP_MAGIC)
    t.deepEqual(await capture.stop(), { exit: 0 })
    await words
    t.regex(said, /^tcpdump: listening on lo/)
    t.regex(said, /\n0 packets dropped by kernel\n$/)
  }),
)

live('a connection that is lost under a command is said to be gone, and the command ends', (t) =>
  withFar(async ({ as, cut }) => {
    const runner = as('root')
    const word = `77${process.pid}4`
    const going = runner.run(['sleep', word], { timeoutMs: 60_000 })
    while (processesNamed(word) === 0) await wait(20)
    await cut()
    const error = await t.throwsAsync<RunnerError>(going, { instanceOf: RunnerError })
    t.is(error?.problem, 'gone')
    t.regex(error?.message ?? '', /^ssh:\/\/far1: the connection was lost while a command ran/)
    t.true(await untilNone(word))
  }),
)

const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)$/m.exec(textIfThere(`/proc/${pid}/status`) ?? '')?.[1])

/** The process that holds a connection of ours, under its shell. */
function connectionHolder(): number | undefined {
  const isOurs = (pid: number): boolean => parentOf(parentOf(pid)) === process.pid
  const isHolder = (pid: number): boolean => commandWords(pid)?.includes('ControlMaster=yes') === true
  return readdirSync('/proc')
    .map(Number)
    .find((pid) => pid > 0 && isHolder(pid) && isOurs(pid))
}

live('a capture ends when it is stopped, though the connection hangs and holds its pipes', (t) =>
  withFar(async ({ as }) => {
    const going = await as('root').open(['sh', '-c', 'echo up; exec sleep "$1"', 'sh', `77${process.pid}5`])
    const words = going.stdout[Symbol.asyncIterator]()
    t.is(textOf((await words.next()).value ?? new Uint8Array()), 'up\n')
    const holder = connectionHolder()
    if (holder === undefined) return t.fail('nobody holds the connection')
    process.kill(holder, 'SIGSTOP')
    try {
      t.deepEqual(await going.stop(0), { signal: 'SIGKILL' })
      t.true((await words.next()).done)
    } finally {
      process.kill(holder, 'SIGCONT')
    }
  }),
)

/** A process of its own that runs one long command over ssh, to be killed; its arguments: SSH_CONFIG seconds=NUMBER. */
const ALONE = `
import { makeRunner } from '${new URL('../make-runner.ts', import.meta.url)}'
const [, sshConfig, word] = process.argv
const seconds = word.replace('seconds=', '')
const runner = makeRunner('far1', 'ssh://far1', { sshConfig })
await Promise.all([runner.run(['sleep', seconds], { timeoutMs: 600_000 }), runner.open(['sleep', seconds])])
`

live('what a killed process leaves on both sides ends by itself', (t) =>
  withFar(async ({ as, sshd }) => {
    const config = `${sshd.knownHosts}-far1`
    await as('root').run(['true'])
    const word = `77${process.pid}3`
    const folder = mkdtempSync(join(tmpdir(), 'fda-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const alone = await open([
      'env',
      `TMPDIR=${folder}`,
      process.execPath,
      '--input-type=module',
      '-e',
      ALONE,
      config,
      `seconds=${word}`,
    ])
    while (processesNamed(word) === 0) await wait(20)
    const mine = readdirSync(folder).filter((name) => name.startsWith('fd-ssh-'))
    const isThere = (): boolean => readdirSync(folder).includes(mine[0] ?? '')
    process.kill(alone.pid, 'SIGKILL')
    t.is(mine.length, 1)
    t.true(await untilNone(word))
    t.true(await untilNone(`ControlPath=${folder}/${mine[0]}/c`))
    for (let tries = 0; tries < 200 && isThere(); tries++) await wait(50)
    t.false(isThere())
  }),
)
