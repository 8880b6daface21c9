/** Labs end with nothing left, however their maker ended. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { RunningCommand } from '../../hosts/command/runner.ts'
import { killGroup, open, run } from '../../hosts/command/spawn.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { identify, processesOfLab } from '../../hosts/process-identity.ts'
import { AS_NOBODY, needs } from '../../test-needs.ts'
import { labDirectory, openLedger, readLedger, record } from '../ledger/ledger.ts'
import { findLab } from '../running/state.ts'
import { labStatus } from '../running/status.ts'
import { labDown, removeLab, sweep } from './down.ts'
import { labUp } from './up.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
const HERE = import.meta.dirname
const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
const nameOf = (what: string): string => `${what}-${process.pid}`

/** A process of its own that brings a lab up with `labUp` (kept) or `withLab` (ephemeral, used forever). */
function maker(name: string, kept: boolean): Promise<RunningCommand> {
  const options = JSON.stringify({ name, hosts: 2 })
  const call = kept
    ? `labUp(${options})`
    : `withLab(${options}, () => new Promise((r) => setTimeout(r, 60_000)))`
  const code = `const { labUp, withLab } = await import('${HERE}/up.ts'); await ${call}`
  return open([process.execPath, '--input-type=module', '-e', code])
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function remains(token: string): readonly string[] {
  const mine = (name: string): boolean => name.startsWith(`fd-${token}-`)
  return [
    ...(existsSync(NETNS_DIR) ? readdirSync(NETNS_DIR).filter(mine) : []),
    ...processesOfLab(token, []).map(String),
    ...readdirSync('/dev/shm').filter(mine),
  ]
}

/** Kills a maker some milliseconds after it has begun its ledger; gives the token and the removed lab's remains. */
async function killAfter(ms: number): Promise<readonly string[]> {
  const name = nameOf(`killed${ms}`)
  const making = await maker(name, false)
  const deadline = performance.now() + 30_000
  while (readLedger(labDirectory(name)) === undefined && performance.now() < deadline) await pause(5)
  const token = readLedger(labDirectory(name))?.token ?? 'no lab was begun'
  await pause(ms)
  killGroup(making.pid, 'SIGKILL')
  await making.ended
  await sweep()
  const left = existsSync(labDirectory(name)) ? [labDirectory(name)] : []
  return token.length === 4 ? [...left, ...remains(token)] : [token]
}

live('a maker killed at any moment leaves nothing after a sweep', async (t) => {
  for (const base of [0, 20, 60, 120, 200, 300, 420, 560, 800]) {
    const ms = base + Math.floor(Math.random() * 60)
    t.deepEqual(await killAfter(ms), [], `killed after ${ms} ms`)
  }
})

live('an interrupted lab up leaves nothing', async (t) => {
  const name = nameOf('interrupted')
  const error = await t.throwsAsync(labUp({ name, hosts: 1, signal: AbortSignal.timeout(50) }))
  t.is(error?.message, 'interrupted')
  t.false(existsSync(labDirectory(name)))
})

live('a lab that is up survives its maker, is found, and is removed once', async (t) => {
  const name = nameOf('kept')
  await (await maker(name, true)).ended
  t.like(
    labStatus().find((lab) => lab.name === name),
    { phase: 'ready', ephemeral: false },
  )
  await sweep()
  const lab = findLab(name)
  t.deepEqual(
    labStatus()
      .find((each) => each.name === name)
      ?.daemons.map(({ role, running }) => [role, running]),
    [
      ['etcd', true],
      ['flanneld of h1', true],
      ['flanneld of h2', true],
    ],
  )
  t.deepEqual(await labDown(name), [name])
  t.deepEqual(remains(lab.token), [])
  t.deepEqual(await labDown(name), [])
})

live('a name that is taken is refused and its lab left alone', async (t) => {
  const directory = openLedger({ name: nameOf('taken'), token: 'tkn0', ephemeral: true })
  const error = t.throws(() => openLedger({ name: nameOf('taken'), token: 'tkn1', ephemeral: true }))
  t.regex(error?.message ?? '', /exists already/)
  t.is(readLedger(directory)?.token, 'tkn0')
  await removeLab(directory)
  t.false(existsSync(directory))
})

live('a pid that means another process now is not killed', async (t) => {
  const stranger = await open(['sleep', '60'])
  const directory = openLedger({ name: nameOf('reused'), token: 'tkn2', ephemeral: true })
  record(directory, { kind: 'process', role: 'etcd', process: { pid: stranger.pid, start: '1@00000000' } })
  await removeLab(directory)
  t.not(identify(stranger.pid), undefined)
  await stranger.stop(0)
})

live('a line cut off in the ledger does not hide what stands before it', async (t) => {
  const directory = openLedger({ name: nameOf('cut'), token: 'tkn3', ephemeral: true })
  record(directory, { kind: 'namespace', name: 'fd-tkn3-switch' })
  await run(['ip', 'netns', 'add', 'fd-tkn3-switch'])
  await run(['sh', '-c', `printf '{"kind":"name' >> ${directory}/ledger`])
  await removeLab(directory)
  t.deepEqual(remains('tkn3'), [])
})

needs(
  test.serial,
  'root',
  'netns',
  'etcd',
  'flanneld',
  'nobody',
)('who is not root is told in a line who can remove the lab', async (t) => {
  const name = nameOf('roots')
  await labUp({ name, hosts: 1 })
  try {
    const nobody = [...AS_NOBODY, 'env', 'HOME=/tmp']
    const { end, stderr } = await run([...nobody, process.execPath, BIN, 'lab', 'down', '--name', name])
    t.deepEqual(end, { exit: 2 })
    t.is(
      stderr,
      `flannel-doctor: root made ${name}; only who made a lab and root can remove it: sudo flannel-doctor lab down --name ${name}\n`,
    )
    t.truthy(readLedger(labDirectory(name)))
  } finally {
    await labDown(name)
  }
})
