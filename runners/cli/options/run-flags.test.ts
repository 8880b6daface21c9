import test from 'ava'
import { usualDeadline } from './run-flags.ts'

test('a run of many hosts has more time', (t) => {
  t.deepEqual([0, 1, 100, 101, 1000].map(usualDeadline), [120, 120, 120, 121, 570])
})
