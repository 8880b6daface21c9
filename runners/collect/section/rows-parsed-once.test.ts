import test from 'ava'
import { parseRows } from './rows.ts'
import { oncePerRow, parseSharedRows } from './rows-parsed-once.ts'

const TEXTS = [
  '[]',
  '[{}]',
  '[{"dst":"10.1.7.0","dev":"flannel.1"},{"dst":"10.1.8.0","dev":"flannel.1"}]\n',
  '[{"dst":"10.1.7.0","dev":"a},{b"},{"dst":"10.1.8.0","dev":"},{"}]',
  '[{"dst":"10.1.7.0","nexthops":[{"dev":"eth0"},{"dev":"eth1"}]},{},{"dst":"10.1.9.0"}]',
  '[{"dst":"10.1.7.0"},{"dst":"10.1.7.0"}]',
  '[{"dst":"10.1.7.0"},{"__proto__":{"dst":"10.1.8.0"}}]',
  '[{"dst":"10.1.7.0"},\n{"dst":"10.1.8.0"}]',
  '[{"dst":"10.1.7.0"},{"dst":1},[{"dst":2},{"dst":3}],7]',
  '10.1.7.0 dev flannel.1',
]

for (const text of TEXTS)
  test(`are those of the whole text: ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(parseSharedRows(text), parseRows(text))
    t.deepEqual(parseSharedRows(text), parseRows(text), 'and when its rows are known')
  })

for (const text of ['[{"dst":"10.1.7.0"},{"dst":}]', '[{"dst":"10.1.7.0"},{"dst":"a"]', '[{"a":1},]'])
  test(`broken JSON is refused: ${text}`, (t) => {
    t.throws(() => parseSharedRows(text), { instanceOf: SyntaxError })
  })

test('hosts share the entry for a peer, and what is read of it', (t) => {
  const [first, second] = ['"h1"', '"h2"'].map((own) =>
    parseSharedRows(`[{"dst":"10.1.6.0"},{"dst":${own}}]`),
  )
  t.is(first?.[0], second?.[0])
  t.not(first?.[1], second?.[1])
  const read = oncePerRow(({ dst }) => ({ dst }))
  t.is(read(first?.[0] ?? {}), read(second?.[0] ?? {}))
})

test('an entry that stands twice in one table is two', (t) => {
  const rows = parseSharedRows('[{"dst":"10.1.5.0"},{"dst":"10.1.5.0"}]')
  t.not(rows?.[0], rows?.[1])
})
