import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { localRunner } from '../../hosts/local.ts'
import { needs } from '../../test-needs.ts'
import { WAVE } from '../jobs/script-jobs.ts'
import { pingArgv } from './argv.ts'
import { pingBatch } from './batch.ts'
import { batchScript, type PingJob } from './batch-script.ts'
import { TOGETHER } from './sent-together.ts'

const job: PingJob = { address: '127.0.0.1', size: 84, count: 2 }

test('the words of a ping: size without headers, identifier and payload where given', (t) => {
  t.is(
    pingArgv({ ...job, interval: 0.02, id: 7, nonce: 'ab01' }).join(' '),
    'ping -n -c 2 -i 0.02 -W 1 -s 56 -M do -e 7 -p ab01 127.0.0.1',
  )
})

for (const address of ['-h', '10.5.1.2 -f', '$(id)', 'h1', '10.5.1', '::1', '']) {
  test(`an address like "${address}" is refused`, (t) => {
    t.throws(() => pingArgv({ ...job, interval: 1, address }), { instanceOf: TypeError })
  })
}

test('a size without room for the headers is refused', (t) => {
  t.throws(() => pingArgv({ ...job, interval: 1, size: 27 }), { message: /27 bytes/ })
})

test('many pings wait for each other in waves', (t) => {
  const waits = batchScript('token', new Array<PingJob>(WAVE * 2 + 1).fill(job)).match(/^wait$/gm)
  t.is(waits?.length, 3)
})

test('readings come in the order of the jobs, whoever answers first', async (t) => {
  const jobs = Array.from(
    { length: 20 },
    (_, n): PingJob => ({ ...job, count: n % 2 === 0 ? 5 : 1, id: n + 1 }),
  )
  const { readings, commands } = await pingBatch(localRunner('here'), jobs)
  t.deepEqual(
    readings.map(({ sent, received, ttl }) => [sent, received, ttl]),
    jobs.map(({ count }) => [count, count, 64]),
  )
  t.deepEqual(
    commands.map(({ end }) => end),
    ['exit 0'],
  )
})

test('a path of a namespace is one word, whatever it holds', async (t) => {
  const { readings } = await pingBatch(localRunner('here'), [{ ...job, namespace: `/x'; echo $(id) "` }])
  t.is(readings[0]?.problem?.why, 'missing')
  t.is(readings[0]?.sent, 0)
  t.false(readings[0]?.problem?.detail.includes('uid='))
})

test('no jobs, no command', async (t) => {
  t.deepEqual(await pingBatch(localRunner('here'), []), { readings: [], commands: [] })
})

const MARKED = { nonce: 'ab01cd02ef030405', count: 3 }
/** Of every length, so that sums over odd ones are right; ping counts answers to others that have its identifier. */
const answered = (firstId: number): readonly PingJob[] =>
  [84, 85, 1400, 60].map((size, n) => ({ ...job, ...MARKED, size, id: firstId + n }))

test('what one process sends for all is told as a ping would tell it', async (t) => {
  const [together, alone] = [answered(1000), answered(2000).slice(0, 2)]
  const { readings } = await pingBatch(localRunner('here'), together)
  const { readings: single } = await pingBatch(localRunner('here'), alone)
  const shape = { sent: 3, received: 3, ttl: 64 }
  for (const reading of [...readings, ...single]) {
    t.like(reading, shape)
    const { min = -1, avg = -1, max = -1 } = reading.rttMs ?? {}
    t.true(min >= 0 && min <= avg && avg <= max)
    t.deepEqual(Object.keys(reading).sort(), ['received', 'rttMs', 'sent', 'ttl'])
  }
})

const scriptSays = async (script: string): Promise<string> =>
  Buffer.from((await localRunner('here').run(['sh', '-s'], { stdin: script })).stdout).toString()

needs(
  test,
  'root',
  'perl',
)('one process told of them all, without a word on its errors', async (t) => {
  const script = batchScript('token', answered(5000))
  t.is((await scriptSays(script)).match(/ answered 3 3 0 64 /g)?.length, 4)
  const elsewhere = answered(6000).map((one) => ({ ...one, namespace: '/proc/self/ns/net' }))
  t.is((await scriptSays(batchScript('token', elsewhere))).match(/ answered 3 3 0 64 /g)?.length, 4)
  const { readings } = await pingBatch(
    localRunner('here'),
    answered(7000).map((one) => ({ ...one, namespace: "/not there'" })),
  )
  t.deepEqual(
    readings.map(({ problem }) => problem?.why),
    ['missing', 'missing', 'missing', 'missing'],
  )
  const { stderr } = await run(['perl', '-wc', '-e', TOGETHER])
  t.is(stderr, '-e syntax OK\n')
})

test('what has no answer is asked again by ping, which tells why', async (t) => {
  const refused: PingJob = { ...job, ...MARKED, address: '255.255.255.255', id: 3009 }
  const { readings } = await pingBatch(localRunner('here'), [...answered(3000), refused])
  t.deepEqual(
    readings.map(({ received, error }) => error?.kind ?? received),
    [3, 3, 3, 3, 'not-permitted'],
  )
})

needs(
  test,
  'root',
  'perl',
)(
  'requests that had no answer before count as well, and where arrival is enough nobody asks why',
  async (t) => {
    const refused: PingJob = { ...job, ...MARKED, address: '255.255.255.255', id: 3019 }
    const jobs = [...answered(3010), refused]
    const { readings } = await pingBatch(localRunner('here'), jobs)
    t.like(readings.at(-1), { received: 0, error: { kind: 'not-permitted' } })
    t.true((readings.at(-1)?.sent ?? 0) > refused.count)
    const script = batchScript('token', jobs, { isArrivalEnough: true })
    t.deepEqual((await scriptSays(script)).match(/ answered 3 \d/g)?.toSorted(), [
      ' answered 3 0',
      ...new Array<string>(4).fill(' answered 3 3'),
    ])
    const { readings: alone } = await pingBatch(localRunner('here'), jobs, { isArrivalEnough: true })
    t.deepEqual(alone.at(-1), { sent: 3, received: 0 })
  },
)

test('where there is no perl, every ping is one of its own', async (t) => {
  const script = batchScript('token', answered(4000)).replace(/ perl -e /g, ' no-perl-here -e ')
  const text = await scriptSays(script)
  t.is(text.match(/3 packets transmitted, 3 received/g)?.length, 4)
  t.false(text.includes('answered '))
})

test('one process is started for a network that many pings go out from', (t) => {
  const calls = (jobs: readonly PingJob[]): number =>
    batchScript('token', jobs).match(/^together |\ntogether /g)?.length ?? 0
  t.is(calls(answered(1)), 1)
  t.is(calls(answered(1).slice(0, 2)), 0)
  t.is(calls(answered(1).map(({ id: _, ...rest }) => rest)), 0, 'they could not be told from each other')
})
