import test from 'ava'
import { buildCluster } from '../../../fixtures/build.ts'
import { RUN } from '../../../reports/run-for-tests.ts'
import { JUDGE_ALL } from '../run-inventory.ts'
import { judge } from './judge.ts'
import { judgeUntil } from './judge-until.ts'

const cluster = buildCluster({ hosts: 16, backend: 'vxlan' })
const FACTS = { run: RUN, commands: [] }

test('a stop leaves the rest undecided, with the reason, and what was judged stays', async (t) => {
  const stop = new AbortController()
  // Heard at the first turn of the event loop, which is in the middle of the judging.
  setImmediate(() => stop.abort())
  const { run, results, verdict } = await judgeUntil(cluster, FACTS, { ...JUDGE_ALL, signal: stop.signal })
  t.is(run.interrupted, 'interrupted')
  t.is(verdict, 'undecided')
  const left = results.findIndex(({ reason }) => reason === 'not judged: interrupted')
  t.true(left > 0)
  t.true(results.slice(left).every(({ outcome }) => outcome === 'inconclusive'))
  const whole = judge(cluster, FACTS, JUDGE_ALL)
  t.deepEqual(results.slice(0, left), whole.results.slice(0, left))
  t.deepEqual(
    results.map(({ check, host }) => [check, host]),
    whole.results.map(({ check, host }) => [check, host]),
  )
})

test('what was collected before a stop is judged whole', async (t) => {
  t.deepEqual(
    await judgeUntil(cluster, FACTS, { ...JUDGE_ALL, signal: AbortSignal.abort() }),
    judge(cluster, FACTS, JUDGE_ALL),
  )
})
