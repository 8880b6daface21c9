import test from 'ava'
import { TRANSIENT, transientWaivers } from './transient.ts'

type Look = Parameters<typeof transientWaivers>[0][number]

function look(outcome: Look['outcome'], ...findings: Look['findings']): Look {
  return { check: 'route/peer-subnet', host: 'h1', outcome, findings }
}

const MISSING = {
  code: 'route/peer-subnet:missing',
  severity: 'critical',
  subject: { host: 'h1', peer: 'h2', object: 'route 10.1.2.0/24' },
} as const
const OTHER_PEER = { ...MISSING, subject: { ...MISSING.subject, peer: 'h3' } }

test('what is gone in the second look is transient', (t) => {
  t.deepEqual(transientWaivers([look('fail', MISSING, OTHER_PEER)], [look('fail', OTHER_PEER)]), [
    { code: MISSING.code, subject: MISSING.subject, reason: TRANSIENT },
  ])
})

test('what is still there stays, under another object too', (t) => {
  const later = { ...MISSING, subject: { ...MISSING.subject, object: 'route 10.1.2.0/24 metric 5' } }
  t.deepEqual(transientWaivers([look('fail', MISSING)], [look('fail', later)]), [])
})

test('what the second look could not judge is not gone', (t) => {
  t.deepEqual(transientWaivers([look('fail', MISSING)], [look('inconclusive')]), [])
  t.deepEqual(transientWaivers([look('fail', MISSING)], []), [])
})

test('notes need no second look', (t) => {
  t.deepEqual(transientWaivers([look('fail', { ...MISSING, severity: 'info' })], [look('pass')]), [])
})
