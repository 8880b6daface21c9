import test from 'ava'
import { poll } from './poll.ts'

const soon = () => ({ deadline: performance.now() + 60, pauseMs: 1 })

test('the first answer ends the wait', async (t) => {
  let looks = 0
  t.is(
    await poll(() => (++looks < 3 ? undefined : looks), { ...soon(), deadline: Number.POSITIVE_INFINITY }),
    3,
  )
})

test('nothing comes: it is asked until the deadline, at least once', async (t) => {
  let looks = 0
  t.is(await poll(async () => void looks++, { deadline: 0, pauseMs: 1 }), undefined)
  t.is(looks, 1)
  const startedAt = performance.now()
  t.is(await poll(() => undefined, soon()), undefined)
  t.true(performance.now() - startedAt >= 60)
})

test('a signal ends it, also one that came before', async (t) => {
  const signal = AbortSignal.timeout(20)
  t.is(await poll(() => undefined, { deadline: Number.POSITIVE_INFINITY, pauseMs: 1, signal }), undefined)
  t.is(await poll(() => t.fail(), { ...soon(), signal: AbortSignal.abort() }), undefined)
})

test('what the look throws is thrown', async (t) => {
  await t.throwsAsync(
    poll(() => {
      throw new Error('gone')
    }, soon()),
    { message: 'gone' },
  )
})

test('a pause may grow with the wait', async (t) => {
  const waits: number[] = []
  const pauseMs = (waitedMs: number): number => {
    waits.push(waitedMs)
    return 1 + waitedMs
  }
  t.is(await poll(() => undefined, { deadline: performance.now() + 60, pauseMs }), undefined)
  // Each pause is as long as all before it, so that few pass the deadline.
  t.true(waits.length >= 1 && waits.length <= 10, `${waits.length}`)
  t.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
  )
})
