import test from 'ava'
import { countTests, skipsByReason, type TapTest, tapReader, totalsLine } from './tap-summary.ts'

const TAP = `TAP version 13
not ok 1 - b.test.ts exited with a non-zero exit code: 1
ok 2 - a › reads leases # needs root: not root # SKIP
not ok 3 - a › later # TODO
not ok 4 - a › compares
#   a log line
  ---
    name: AssertionError
    details:
      'Difference (- actual, + expected):': |2-
          ok 1 - looks like a test
  ...
ok 5 - a › passes

1..5
# tests 4
# pass 1
# skip 1
# fail 5
`

function readAll(tap: string): TapTest[] {
  const tests: TapTest[] = []
  const reader = tapReader((found) => tests.push(found))
  for (const line of tap.split('\n')) reader.line(line)
  reader.end()
  return tests
}

test('counts a TODO as skipped and a crashed file as failed', (t) => {
  t.is(totalsLine(countTests(readAll(TAP))), '1 passed, 2 failed, 2 skipped')
})

test('keeps the whole block of a failure and nothing of the totals', (t) => {
  const failed = readAll(TAP).find(({ title }) => title === 'a › compares')
  t.regex(failed?.text ?? '', /a log line[\s\S]*ok 1 - looks like a test\n {2}\.\.\.$/)
  t.notRegex(readAll(TAP).at(-1)?.text ?? '', /# pass/)
})

test('groups skipped tests by their reason', (t) => {
  t.deepEqual(
    [...skipsByReason(readAll(TAP))],
    [
      ['needs root: not root', ['a › reads leases']],
      ['not written yet', ['a › later']],
    ],
  )
})
