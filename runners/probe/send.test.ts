import { randomBytes } from 'node:crypto'
import test from 'ava'
import { run } from '../hosts/command/spawn.ts'
import type { HostTarget } from '../inventory/inventory.ts'
import { needs } from '../test-needs.ts'
import { WAVE, wavesOf } from './jobs/script-jobs.ts'
import { type PlannedPing, SMALL } from './planned-ping.ts'
import { sendPings } from './send.ts'

test('each sender has waves of its own', (t) => {
  const jobs = [...new Array<string>(WAVE + 1).fill('a'), ...new Array<string>(2 * WAVE).fill('b')]
  const sizes = (waves: readonly (readonly string[])[]): readonly number[] =>
    waves.map(({ length }) => length)
  t.deepEqual(sizes(wavesOf(jobs, (job) => job)), [2 * WAVE, 1 + WAVE])
  t.deepEqual(sizes(wavesOf(jobs)), [WAVE, WAVE, WAVE, 1])
  t.deepEqual(wavesOf([]), [])
})

/** Only in the network of its host does its address answer. */
const addressOf = (host: number): string => `10.250.9.${host}`

function ping(from: number, to: number): PlannedPing {
  const ends = { from: { host: `h${from}` }, to: { host: `h${to}` } }
  return { pattern: 'hu', ...ends, address: addressOf(to), size: SMALL, full: false }
}

async function withNetworks(
  hosts: readonly number[],
  work: (targets: readonly HostTarget[]) => Promise<void>,
): Promise<void> {
  const mark = randomBytes(3).toString('hex')
  const targets = hosts.map((host) => ({ name: `h${host}`, via: `netns://fdt-${mark}-${host}` }))
  const names = targets.map(({ via }) => via.slice('netns://'.length))
  try {
    for (const [at, name] of names.entries()) {
      await run(['ip', 'netns', 'add', name])
      await run(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
      await run(['ip', '-n', name, 'addr', 'add', addressOf(hosts[at] ?? 0), 'dev', 'lo'])
    }
    await work(targets)
  } finally {
    for (const name of names) await run(['ip', 'netns', 'del', name])
  }
}

needs(
  test,
  'root',
  'netns',
)('hosts of this machine share a shell, and each sends from its own network', (t) =>
  withNetworks([1, 2, 3], async (networks) => {
    const gone = { name: 'h4', via: 'netns://fdt-not-there' }
    const pings = [1, 2, 3, 4].flatMap((from) => [1, 2, 3, 2, 3].map((to) => ping(from, to)))
    const settings = { concurrency: 2, signal: AbortSignal.timeout(60_000), targets: [...networks, gone] }
    const { observations, commands } = await sendPings(pings, 2, settings)
    t.deepEqual(
      observations.map(({ from, to }) => [from.host, to.host]),
      pings.map(({ from, to }) => [from.host, to.host]),
    )
    const [here, there] = [observations.slice(0, 15), observations.slice(15)]
    t.deepEqual(
      here.map(({ received }) => received),
      here.map(({ from, to }) => (from.host === to.host ? 2 : 0)),
    )
    t.true(here.every(({ problem, sent }) => problem === undefined && sent > 0))
    t.deepEqual([...new Set(there.map(({ problem }) => problem?.why))], ['unreachable'])
    t.deepEqual(
      commands.map(({ host }) => host),
      ['h1', 'h2', 'h3'],
    )
    t.deepEqual(
      commands.map(({ ms }) => ms === commands[0]?.ms),
      [true, true, false],
      'two at a time',
    )
  }),
)
