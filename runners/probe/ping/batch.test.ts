import test from 'ava'
import { localRunner } from '../../hosts/local.ts'
import { WAVE } from '../jobs/script-jobs.ts'
import { pingArgv } from './argv.ts'
import { batchScript, type PingJob, pingBatch } from './batch.ts'

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
  const waits = batchScript('token', new Array<PingJob>(WAVE * 2 + 1).fill(job), 0.02).match(/^wait$/gm)
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
