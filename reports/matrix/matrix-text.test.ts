import test from 'ava'
import type { Matrix, TraceRow } from './matrix.ts'
import { matrixMarkdown, matrixText } from './matrix-text.ts'

const row = {
  fault: 'a',
  detected: true,
  rankedFirst: true,
  expected: 'x',
  first: 'x',
  falseFindings: [],
  seconds: 1,
}
const WRONG = { ...row, fault: 'b', rankedFirst: false, first: 'y', falseFindings: ['y'] }
const MATRIX: Matrix = { backend: 'vxlan', flanneld: 'v0.28.9', faults: [row, WRONG], healthy: [] }
const TRACE: TraceRow = {
  lost: true,
  stage: { out: 'forward', in: 'forward' },
  expectedStage: { out: 'forward', in: 'route' },
  rightStage: false,
  first: 'x',
  rightCause: true,
  rule: 'filter FORWARD -m comment --comment "a|b" -j DROP',
  ways: [],
  seconds: 1,
}

test('the numbers of a matrix are counted, not told', (t) => {
  const text = matrixText(MATRIX)
  t.regex(text, /2 faults, 2 detected, 1 ranked first \(50\.0 %\), 1 false findings, 2 s/)
  t.regex(text, /FAIL {2}b {2}y {2}1\.0 s {2}expected x; besides y/)
  t.regex(matrixMarkdown([MATRIX]), /\| b \| `y` \| yes \| \*\*no\*\* \| y \| 1\.0 \|\n/)
})

test('every backend has a section; a trace has a column where there is one, and its words stay in their cell', (t) => {
  const trace = { faults: 1, losing: 1, rightStage: 0, rightCause: 1, delivered: 0 }
  const traced: Matrix = { ...MATRIX, backend: 'udp', faults: [{ ...row, trace: TRACE }], trace }
  const text = matrixMarkdown([MATRIX, traced])
  t.deepEqual(text.match(/^## .*$/gm), ['## vxlan', '## udp'])
  t.regex(text, /^\| fault \| ranked first \| detected \| right \| false findings \| seconds \|$/m)
  t.regex(text, /\| seconds \| trace \|$/m)
  t.regex(text, /\| \*\*wrong\*\* out forward; in forward, expected route; .*a\\\|b.* \|$/m)
  t.regex(text, /1 of 1 faults lose pings: stage right 0/)
})
