/** How a report becomes a row of the matrix, on reports made by hand. */

import test from 'ava'
import { defineFault } from '../../../fixtures/fault.ts'
import type { Report, ReportCause, ReportFinding } from '../../../reports/document/report.ts'
import { isAsExpected, isMatrixClean, type Matrix } from '../../../reports/matrix/matrix.ts'
import { compareFault } from './matrix-result.ts'

const FAULT = defineFault({
  id: 'route-lost',
  title: 'a route is gone',
  backends: ['vxlan'],
  catalogue: ['VX-05'],
  expect: { cause: ['route/peer-subnet:missing', 'route/peer-subnet:none'], also: ['link/*'] },
  inject: () => [],
  heal: () => [],
})

function finding(code: string, severity: ReportFinding['severity'] = 'critical'): ReportFinding {
  return {
    code,
    severity,
    effect: 'loss',
    confidence: 'certain',
    subject: {},
    message: '',
    evidence: [],
    fix: '',
    fixes: [],
  }
}

/** Causes in their order; all other codes are only found. */
function report(
  causes: readonly { code: string; explains?: readonly string[] }[],
  found: readonly ReportFinding[],
): Report {
  const ranked = causes.map(
    ({ code, explains = [] }, index): Partial<ReportCause> => ({
      code,
      rank: index + 1,
      explains: explains.map((symptom) => ({ code: symptom, subject: {} })),
    }),
  )
  return { causes: ranked, results: [{ outcome: 'fail', findings: found }] } as unknown as Report
}

test('the cause first and nothing else', (t) => {
  const row = compareFault(
    FAULT,
    report([{ code: 'route/peer-subnet:none' }], [finding('route/peer-subnet:none')]),
  )
  t.true(isAsExpected(row))
  t.is(row.expected, 'route/peer-subnet:none')
})

test('what the cause explains and what is allowed is not false', (t) => {
  const codes = [
    'route/peer-subnet:none',
    'route/peer-subnet:missing',
    'fdb/peer-vtep:missing',
    'link/mtu:differs',
  ]
  const seen = report(
    [{ code: 'route/peer-subnet:none', explains: ['fdb/peer-vtep:missing'] }],
    codes.map((code) => finding(code)),
  )
  t.deepEqual(compareFault(FAULT, seen).falseFindings, [])
})

test('another finding is false unless it is for information', (t) => {
  const seen = report(
    [{ code: 'route/peer-subnet:none' }],
    [
      finding('route/peer-subnet:none'),
      finding('bridge/mtu:too-large', 'warning'),
      finding('lease/host:orphan', 'info'),
    ],
  )
  const row = compareFault(FAULT, seen)
  t.deepEqual(row.falseFindings, ['bridge/mtu:too-large'])
  t.false(isAsExpected(row))
})

test('found but not first, and not found at all', (t) => {
  const second = report(
    [{ code: 'daemon/process:not-running' }, { code: 'route/peer-subnet:missing' }],
    [finding('route/peer-subnet:missing')],
  )
  t.like(compareFault(FAULT, second), {
    detected: true,
    rankedFirst: false,
    first: 'daemon/process:not-running',
  })
  t.like(compareFault(FAULT, report([], [])), { detected: false, rankedFirst: false, first: null })
})

const row = {
  fault: 'a',
  detected: true,
  rankedFirst: true,
  expected: 'x',
  first: 'x',
  falseFindings: [],
  seconds: 1,
}
const CLEAN: Matrix = { backend: 'vxlan', flanneld: 'v0.28.9', faults: [row], healthy: [] }

test('one missed fault, one finding in a healthy lab or one pair makes a matrix unclean', (t) => {
  t.true(isMatrixClean(CLEAN))
  t.false(isMatrixClean({ ...CLEAN, faults: [row, { ...row, detected: false }] }))
  t.false(isMatrixClean({ ...CLEAN, healthy: [{ variant: 'b', findings: ['x'] }] }))
  const pair = {
    faults: ['a', 'b'],
    expected: ['x', 'y'],
    firstTwo: ['x'],
    bothFirst: false,
    seconds: 1,
  } as const
  t.false(isMatrixClean({ ...CLEAN, pairs: [pair] }))
})
