import test from 'ava'
import { listOfHost } from './list-but-one.ts'
import { tableIndexes } from './table-index.ts'
import { unproven } from './table-proof.ts'

interface Entry {
  readonly link: string
  readonly key: number
  readonly rank: number
}

function entry(key: number, rank = 1, link = 'flannel.1'): Entry {
  return { link, key, rank }
}

/** What is expected is met by the first entry of its key: one of the common table is not. */
const COMMON = Array.from({ length: 100 }, (_, key) => entry(key, key === 30 ? 9 : 1))
const EXPECTED = COMMON.map(({ key }) => ({ key, rank: 1 }))
const EVERYTHING = listOfHost(EXPECTED, undefined)
/** As another link or version expects it. */
const OTHERS = COMMON.map(({ key }) => ({ key, rank: 2 }))
type Expected = (typeof EXPECTED)[number]

const TABLES: Readonly<Record<string, readonly Entry[]>> = {
  'the same': [...COMMON],
  'one that is gone': COMMON.toSpliced(50, 1),
  'the first that is gone': COMMON.slice(1),
  'another in its place': COMMON.with(60, entry(60, 2)),
  'the right one in place of a wrong one': COMMON.with(30, entry(30)),
  'another before it': [entry(5, 7), ...COMMON],
  'another behind it': [...COMMON, entry(5, 7)],
  'one of another link': [...COMMON, entry(6, 7, 'eth0')],
  'another order': COMMON.toReversed(),
  'nothing in common': COMMON.map((one) => ({ ...one })),
  'few entries': COMMON.slice(0, 10),
  nothing: [],
}

const LISTS: Readonly<Record<string, readonly Expected[]>> = {
  everything: EVERYTHING,
  'all but one': listOfHost(EXPECTED, 20),
  'all but one that is not met': listOfHost(EXPECTED, 30),
  'what hosts of another kind share': listOfHost(OTHERS, 40),
  'in another order': EXPECTED.toReversed(),
  'one that nobody else expects': EXPECTED.with(40, { key: 40, rank: 2 }),
  'one more': [...EXPECTED, { key: 500, rank: 1 }],
  'nothing that others expect': EXPECTED.map((one) => ({ ...one })),
}

function isMetIn(table: readonly Entry[], { key, rank }: Expected): boolean {
  return table.find((one) => one.link === 'flannel.1' && one.key === key)?.rank === rank
}

/** A first host with the common table has been asked, and a second one that is like it. */
function ready(first: readonly Expected[]) {
  const indexOf = tableIndexes<Entry, number>({ groupOf: ({ link }) => link, keyOf: ({ key }) => key })
  const unmet = unproven<Expected, Entry, number>({
    indexOf,
    keyOf: ({ key }) => key,
    isMet: ({ key, rank }, index) => index.entriesOf('flannel.1', key)[0]?.rank === rank,
  })
  unmet(first, COMMON)
  unmet(first, [...COMMON])
  return unmet
}

for (const [name, table] of Object.entries(TABLES))
  for (const [list, expected] of Object.entries(LISTS))
    test(`a table with ${name}, expected is ${list}: what is not met is looked at, in its order`, (t) => {
      for (const first of [EVERYTHING, listOfHost(EXPECTED, 70), EXPECTED.toSpliced(70, 1)]) {
        const left = ready(first)(expected, table)
        t.deepEqual(
          left,
          expected.filter((one) => left.includes(one)),
        )
        for (const one of expected) t.true(left.includes(one) || isMetIn(table, one), String(one.key))
      }
    })

test('what hosts have in common is looked up once', (t) => {
  const unmet = ready(EVERYTHING)
  const keysOf = (table: readonly Entry[], expected = EVERYTHING) =>
    unmet(expected, table).map(({ key }) => key)
  t.deepEqual(keysOf(TABLES['the same'] ?? []), [30])
  t.deepEqual(keysOf(TABLES['one that is gone'] ?? []), [30, 50])
  t.deepEqual(keysOf(TABLES['another behind it'] ?? []), [5, 30])
  t.deepEqual(keysOf(TABLES['another behind it'] ?? [], listOfHost(EXPECTED, 30)), [5])
})
