import test from 'ava'
import type { Row } from './rows.ts'
import { parseRows } from './rows.ts'
import { parseSharedTable, type ReadRow } from './rows-parsed-once.ts'

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

const PEERS = Array.from(
  { length: 300 },
  (_, at) => `{"dst":"10.9.${at}.0","dev":"flannel.1","flags":["onlink"]}`,
)
const asItIs: ReadRow<Row> = (row) => [row]

function rowsOf(text: string): readonly Row[] | undefined {
  return parseSharedTable(text)?.entries(asItIs)
}

for (const text of TEXTS)
  test(`are those of the whole text: ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(rowsOf(text), parseRows(text))
    t.deepEqual(rowsOf(text), parseRows(text), 'and when its rows are known')
  })

for (const text of ['[{"dst":"10.1.7.0"},{"dst":}]', '[{"dst":"10.1.7.0"},{"dst":"a"]', '[{"a":1},]'])
  test(`broken JSON is refused: ${text}`, (t) => {
    t.throws(() => rowsOf(text), { instanceOf: SyntaxError })
  })

test('hosts share the entry for a peer, and what is read of it', (t) => {
  const read: ReadRow<Row> = ({ dst }) => [{ dst }]
  const [first, second] = ['"h1"', '"h2"'].map((own) =>
    parseSharedTable(`[{"dst":"10.1.6.0"},{"dst":${own}}]`)?.entries(read),
  )
  t.is(first?.[0], second?.[0])
  t.not(first?.[1], second?.[1])
})

test('entries stay shared over many tables that lack one each, and those of one host alone are forgotten', (t) => {
  const read: ReadRow<Row> = ({ dst }) => [{ dst }]
  const own = (host: number): string => `{"dst":"10.7.${host}.0","dev":"eth0"}`
  const tables = PEERS.map((_, host) => `[${[own(host), ...PEERS.toSpliced(host, 1)].join(',')}]`)
  const entries = tables.map((text) => parseSharedTable(text)?.entries(read) ?? [])
  t.is(new Set(entries.flat()).size, 2 * PEERS.length)
})

test('an entry that stands twice in one table is two', (t) => {
  const rows = rowsOf('[{"dst":"10.1.5.0"},{"dst":"10.1.5.0"}]')
  t.not(rows?.[0], rows?.[1])
})

/** Tables of a network of many hosts: all but one, one more, one changed, another order, one twice, broken at its end. */
const OWN = '{"dst":"10.8.0.0","dev":"eth0"}'
const NETWORK: Readonly<Record<string, readonly string[]>> = {
  all: PEERS,
  'all again': PEERS,
  'and again': PEERS,
  ...Object.fromEntries(
    [0, 1, 31, 32, 33, 63, 64, 150, 299].map((gone) => [`without ${gone}`, PEERS.toSpliced(gone, 1)]),
  ),
  'one more in front': [OWN, ...PEERS],
  'one more between': PEERS.toSpliced(100, 0, OWN),
  'one more at the end': [...PEERS, OWN],
  'one changed': PEERS.with(40, '{"dst":"10.9.40.0","dev":"eth0"}'),
  'another order': PEERS.toReversed(),
  'another order again': PEERS.toReversed(),
  'the first of a stretch twice': [...PEERS, ...PEERS.slice(0, 1)],
  'a stretch twice': [...PEERS, ...PEERS.slice(0, 80)],
  'an empty one between': PEERS.toSpliced(50, 0, '{}'),
  'cut short': PEERS.slice(0, 70),
}

for (const [name, rows] of Object.entries(NETWORK))
  test(`of a network of many hosts, ${name}`, (t) => {
    const text = `[${rows.join(',')}]`
    t.deepEqual(rowsOf(text), parseRows(text))
    const table = parseSharedTable(text)
    t.is(table?.hasField('flags'), true)
    t.is(table?.hasField('protocol'), false)
  })

test('a stretch that is known does not hide what is broken behind it', (t) => {
  for (const end of ['{"dst":}', '{"dst":"a"', 'x', PEERS[0]?.slice(0, -1) ?? ''])
    t.throws(() => rowsOf(`[${[...PEERS, end].join(',')}]`), { instanceOf: SyntaxError })
  const glued = PEERS.join(',').replaceAll(`${PEERS[64]},`, `${PEERS[64]}`)
  t.throws(() => rowsOf(`[${glued}]`), { instanceOf: SyntaxError })
})
