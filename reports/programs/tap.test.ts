/** TAP 14 read by node-tap's parser. */
import test from 'ava'
import { Parser } from 'tap-parser'
import { HOSTILE, hostileReports, ordinaryReports, PLAIN } from '../reports-for-tests.ts'
import { casesOf } from './cases.ts'
import { failedTap, tap } from './tap.ts'

interface Read {
  readonly points: readonly {
    readonly ok: boolean
    readonly skip?: boolean | string
    readonly diag?: unknown
    readonly name: string
  }[]
  readonly bailout: string | boolean
  readonly stray: readonly string[]
  readonly planned: number
}

function read(document: string): Read {
  const points: Read['points'][number][] = []
  const stray: string[] = []
  const parser = new Parser({ strict: true })
  parser.on('assert', (point) => points.push(point))
  parser.on('extra', (line) => stray.push(line))
  parser.end(document)
  return { points, stray, bailout: parser.bailedOut, planned: parser.planEnd }
}

test('every case is one point, and nothing stands beside them', async (t) => {
  for (const [name, report] of await ordinaryReports()) {
    const cases = casesOf(report)
    const { points, stray, planned } = read(tap(report, PLAIN))
    t.deepEqual(stray, [], name)
    t.is(points.length, cases.length, name)
    t.is(planned, cases.length, name)
    t.deepEqual(
      points.map(({ ok, skip }) => (skip ? 'skipped' : ok)),
      cases.map(({ status }) => (status === 'skipped' ? 'skipped' : status === 'passed')),
      name,
    )
  }
})

test('hostile texts make no points, directives or bail-outs', async (t) => {
  for (const report of await hostileReports()) {
    const cases = casesOf(report)
    const { points, stray, bailout } = read(tap(report, PLAIN))
    t.deepEqual(stray, [])
    t.false(bailout)
    t.deepEqual(
      points.map(({ ok, skip }) => (skip ? 'skipped' : ok)),
      cases.map(({ status }) => (status === 'skipped' ? 'skipped' : status === 'passed')),
    )
  }
})

test('a run that died bails out', (t) => {
  for (const message of HOSTILE)
    t.truthy(read(failedTap({ version: '0', startedAt: '', message })).bailout, message)
})
