import test from 'ava'
import { tableIndexes } from './table-index.ts'
import { kindsIn } from './table-kind.ts'

interface Entry {
  readonly key: number
  readonly kind?: string
}

const COMMON: readonly Entry[] = Array.from({ length: 100 }, (_, key) =>
  key % 7 === 0 ? { key, kind: key % 2 === 0 ? 'even' : 'odd' } : { key },
)

const TABLES: Readonly<Record<string, readonly Entry[]>> = {
  'the same': [...COMMON],
  'one of the kind that is gone': COMMON.toSpliced(14, 1),
  'one more before, between and behind': [
    { key: 500, kind: 'even' },
    ...COMMON.slice(0, 50),
    { key: 501, kind: 'even' },
    ...COMMON.slice(50),
    { key: 502, kind: 'odd' },
  ],
  'another order': COMMON.toReversed(),
  'another order, and one more': [{ key: 500, kind: 'odd' }, ...COMMON.toReversed()],
  'nothing in common': COMMON.map((one) => ({ ...one })),
  'few entries': COMMON.slice(0, 20),
  nothing: [],
}

for (const [name, table] of Object.entries(TABLES))
  test(`entries of a kind beside ${name}: those of the table, in its order`, (t) => {
    const indexOf = tableIndexes<Entry, number>({ groupOf: () => '', keyOf: ({ key }) => key })
    const ofKind = kindsIn<Entry>(indexOf, ({ kind }) => kind)
    for (const each of [COMMON, table])
      for (const kind of ['even', 'odd', 'none'])
        t.deepEqual(
          ofKind(each, kind),
          each.filter((one) => one.kind === kind),
        )
  })

test('of what hosts have in common the kind is asked once', (t) => {
  let asked = 0
  const indexOf = tableIndexes<Entry, number>({ groupOf: () => '', keyOf: ({ key }) => key })
  const ofKind = kindsIn<Entry>(indexOf, ({ kind }) => {
    asked += 1
    return kind
  })
  for (let host = 0; host < 50; host++) ofKind(host === 0 ? COMMON : [...COMMON], 'even')
  t.is(asked, COMMON.length)
})
