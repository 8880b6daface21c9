import test from 'ava'
import { UDP } from '../../../fixtures/walk-edits-for-tests.ts'
import { judge } from '../judging/judge.ts'
import { JUDGE_ALL } from '../run-inventory.ts'
import { runRecord } from '../run-record.ts'
import { tracing } from './steps.ts'

test('a trace that a stop leaves behind is in the report, with the reason', (t) => {
  const step = tracing({ source: 'h1/h1c1', target: 'h2', intrude: false })
  const collected = { snapshot: UDP, commands: [], hosts: [] }
  const gathered = { inventory: { hosts: [] }, collected, proofs: [] } as unknown as Parameters<
    typeof step.take
  >[0]
  const after = step.overdue?.(gathered)
  if (after === undefined) return t.fail('nothing is said')
  const { snapshot, commands } = after.collected
  const report = judge(snapshot, { run: runRecord(0, { level: 'capture' }), commands }, JUDGE_ALL)
  t.deepEqual(report.notTraced, [
    { source: 'h1/h1c1', target: 'h2', reason: 'the run was stopped before it could be followed to its end' },
  ])
})
