/** What counts as the same trouble in two looks. */
import test from 'ava'
import { isAnythingNew, settles, TRANSIENT, transientWaivers } from './transient.ts'

const look = (object: string, more: object = {}, outcome: 'fail' | 'inconclusive' = 'fail') => [
  {
    check: 'route/stale-subnet',
    host: 'h1',
    outcome,
    findings:
      outcome === 'fail'
        ? [
            {
              code: 'route/stale-subnet:stale',
              severity: 'warning' as const,
              subject: { host: 'h1', object },
              ...more,
            },
          ]
        : [],
  },
]

test('routes of other leases are other troubles, a process with another number is the same', (t) => {
  const objects = (first: string, second: string) =>
    transientWaivers(look(first), look(second)).map(({ subject }) => subject?.object)
  t.deepEqual(objects('route 10.5.1.0/24', 'route 10.5.2.0/24'), ['route 10.5.1.0/24'])
  t.deepEqual(objects('route 10.5.1.0/24', 'route 10.5.1.0/24'), [])
  t.deepEqual(objects('flanneld 7', 'flanneld 8'), [])
})

test('what the second look could not judge stays', (t) => {
  t.deepEqual(transientWaivers(look('route 10.5.1.0/24'), look('', {}, 'inconclusive')), [])
})

test('a look settles what was found where it judged the same checks of the same hosts', (t) => {
  const found = look('route 10.5.1.0/24')
  t.true(settles(found, look('route 10.5.2.0/24')))
  t.false(settles(found, look('', {}, 'inconclusive')))
  t.false(settles(found, []))
  t.true(settles(look('route 10.5.1.0/24', { severity: 'info' }), []))
})

test('only what the look before found and counted is known', (t) => {
  const now = look('route 10.5.1.0/24')
  t.false(isAnythingNew(now, now))
  t.true(isAnythingNew(now, []))
  t.true(isAnythingNew(now, look('route 10.5.2.0/24')))
  t.true(isAnythingNew(now, look('route 10.5.1.0/24', { waived: { reason: TRANSIENT } })))
  t.false(isAnythingNew(look('route 10.5.1.0/24', { severity: 'info' }), []))
})
