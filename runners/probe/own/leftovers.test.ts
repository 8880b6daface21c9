/** Killed in the middle of everything, a probe leaves nothing behind after the next start. */
import test from 'ava'
import { killGroup, open } from '../../hosts/command/spawn.ts'
import { localRunner } from '../../hosts/local.ts'
import { identify } from '../../hosts/process-identity.ts'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { pathOf } from '../kernel/path-for-tests.ts'
import { sweepProbes } from './leftovers.ts'
import { isAbandoned, newProbeToken } from './probe-token.ts'
import { remains } from './remains-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
const HERE = import.meta.dirname
/** `PROBE_KILLS=50` for the long run. */
const KILLS = Number(process.env.PROBE_KILLS ?? 8)

/** A process that traces with everything there is, says so, and goes on. */
const MAKER = `
const { findLab } = await import('${HERE}/../../lab/running/state.ts')
const { pathOf, pingAlong } = await import('${HERE}/../kernel/path-for-tests.ts')
const { newProbeIdentity } = await import('${HERE}/../capture/probe-identity.ts')
const { startTaps } = await import('${HERE}/../capture/taps.ts')
const { startDropWatch } = await import('${HERE}/../kernel/drop-reasons.ts')
const { startRuleTrace } = await import('${HERE}/../kernel/rule-trace.ts')
const path = pathOf(findLab(process.argv[1]))
const probe = newProbeIdentity()
const ports = { vxlan: [8472], udp: [8285] }
console.log('begun')
await Promise.all([
  startTaps(path.points, { probes: [probe], ports }),
  startDropWatch(path.hosts[0], 61),
  ...path.hosts.map((host) => startRuleTrace(host, { id: probe.id, to: path.addresses[1], ports })),
])
console.log('ready')
if (process.argv[2] === 'exit') process.exit(0)
setInterval(() => pingAlong(path, probe), 20)
`

const maker = (lab: string, how = ''): ReturnType<typeof open> =>
  open([process.execPath, '--input-type=module', '-e', MAKER, lab, how])

async function untilSays(stream: AsyncIterable<Uint8Array>, word: string): Promise<void> {
  let said = ''
  for await (const chunk of stream) {
    said += Buffer.from(chunk).toString('utf8')
    if (said.includes(word)) return
  }
  throw new Error(`ended without saying ${word}: ${said}`)
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

live(`${KILLS} times killed in the middle of a capture`, async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const path = pathOf(lab)
    let found = 0
    for (let i = 0; i < KILLS; i++) {
      const made = await maker(lab.name)
      const word = i % 2 === 0 ? 'ready' : 'begun'
      await untilSays(made.stdout, word)
      if (word === 'begun') await pause((i * 37) % 250) // anywhere between the first step and the last
      killGroup(made.pid, 'SIGKILL')
      await made.ended
      found += (await remains(path, made.pid)).length
      await sweepProbes(path.hosts)
      t.deepEqual(await remains(path, made.pid), [], `round ${i}, killed when ${word}`)
    }
    t.true(found > KILLS, 'killing left nothing, so nothing was shown')
  })
})

live('a process that exits without stopping has its things removed', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const path = pathOf(lab)
    const made = await maker(lab.name, 'exit')
    await untilSays(made.stdout, 'ready')
    t.deepEqual(await made.ended, { exit: 0 })
    const deadline = performance.now() + 10_000
    while ((await remains(path, made.pid)).length > 0 && performance.now() < deadline) await pause(20)
    t.deepEqual(await remains(path, made.pid), [])
  })
})

live('what a living process uses is left alone', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const path = pathOf(lab)
    const made = await maker(lab.name)
    await untilSays(made.stdout, 'ready')
    const before = await remains(path, made.pid)
    await sweepProbes(path.hosts)
    t.deepEqual((await remains(path, made.pid)).toSorted(), before.toSorted())
    killGroup(made.pid, 'SIGKILL')
    await made.ended
    // On a busy machine a host may not answer in its time; the next start goes on.
    for (let start = 0; start < 3 && (await remains(path, made.pid)).length > 0; start++)
      await sweepProbes([localRunner('here')])
    t.deepEqual(await remains(path, made.pid), [])
  })
})

test('a token tells whether its maker lives', (t) => {
  const mine = newProbeToken()
  t.false(isAbandoned(mine))
  const [place, , , , random] = mine.split('_')
  const start = identify(process.pid)?.start.split('@')[0]
  const token = (...parts: (string | number | undefined)[]): string => [...parts, random].join('_')
  const now = Date.now().toString(36)
  t.true(isAbandoned(token(place, process.pid, 1, now)), 'another process has the pid now')
  t.true(isAbandoned(token(place, 4_194_305, start, now)), 'no such process')
  t.false(isAbandoned(token('00000000', 4_194_305, start, now)), 'elsewhere, and young')
  t.true(isAbandoned(token('00000000', 4_194_305, start, (Date.now() - 7_200_000).toString(36))))
  t.false(isAbandoned('lo; reboot'), 'what is no token is nobody’s business')
})
