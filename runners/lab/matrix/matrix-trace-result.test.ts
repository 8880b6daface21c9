/** When a traced fault counts as right, on ways made by hand. */

import test from 'ava'
import { defineFault } from '../../../fixtures/fault.ts'
import { isTraceRight, type TracedWay } from '../../../reports/matrix/matrix.ts'
import { traceCell } from '../../../reports/matrix/matrix-text.ts'
import { compareTraces, traceSummary } from './matrix-trace-result.ts'

const FAULT = defineFault({
  id: 'a',
  title: 'a',
  backends: ['vxlan', 'udp'],
  catalogue: [],
  expect: {
    cause: 'netfilter/forward:drop-policy',
    stage: { out: 'forward', in: ['forward-in', 'bridge-in'], udp: { in: 'decap' } },
  },
  inject: () => [],
  heal: () => [],
})

const LOST: TracedWay = {
  way: 'out',
  size: 84,
  answered: false,
  ends: 'filtered',
  at: ['h2 forward'],
  agreement: 'confirmed',
  says: '',
  first: 'netfilter/forward:drop-policy',
}
const LOST_IN: TracedWay = { ...LOST, way: 'in', at: ['h2 bridge-in'] }
const ARRIVED: TracedWay = { ...LOST, answered: true, ends: 'delivered', at: [] }

const row = (...ways: readonly TracedWay[]) => ({ ...compareTraces(FAULT, 'vxlan', ways), seconds: 1 })

test('both ways at their stages and the cause first', (t) => {
  const right = row(LOST, LOST_IN)
  t.true(isTraceRight(right))
  t.is(traceCell(right), 'out forward; in bridge-in')
})

test('another stage, two stages, another cause and a delivered packet are wrong', (t) => {
  const wrong = [
    row({ ...LOST, at: ['h2 route'] }, LOST_IN),
    row({ ...LOST, at: ['h2 forward', 'h2 route'] }, LOST_IN),
    row({ ...LOST, first: 'route/forwarding:disabled' }, LOST_IN),
    row(ARRIVED, LOST_IN),
  ]
  for (const one of wrong) t.false(isTraceRight(one))
  t.is(traceCell(wrong[0] ?? row()), 'out route, expected forward; in bridge-in')
})

test('a backend may have stages of its own, and a way without one must arrive', (t) => {
  const udp = compareTraces(FAULT, 'udp', [ARRIVED, { ...LOST_IN, at: ['h2 decap'] }])
  t.true(udp.rightStage && udp.rightCause && udp.lost)
  t.false(compareTraces(FAULT, 'udp', [LOST, { ...LOST_IN, at: ['h2 decap'] }]).rightStage)
})

test('the summary counts faults that lose pings apart from those that do not', (t) => {
  const none = { ...row(ARRIVED), lost: false, rightStage: true }
  const rows = [
    { trace: row(LOST, LOST_IN) },
    { trace: row({ ...LOST, first: null }, LOST_IN) },
    { trace: none },
    {},
  ]
  t.deepEqual(traceSummary(rows), { faults: 3, losing: 2, rightStage: 2, rightCause: 1, delivered: 1 })
  t.is(traceSummary([{}]), undefined)
})
