import test from 'ava'
import { type Keys, tableIndexes } from './table-index.ts'

interface Entry {
  readonly link: string
  readonly key: number
  readonly rank: number
}

const KEYS: Keys<Entry, number> = { groupOf: ({ link }) => link, keyOf: ({ key }) => key }
const RANKED: Keys<Entry, number> = {
  ...KEYS,
  listed: (entries) => entries.filter(({ rank }) => rank > 0).sort((a, b) => a.rank - b.rank),
}

function entry(link: string, key: number, rank = 1): Entry {
  return { link, key, rank }
}

const PEERS = Array.from({ length: 100 }, (_, key) => entry(key % 3 === 0 ? 'eth0' : 'flannel.1', key))
/** Two of one key, as addresses of groups are. */
const TWICE = [entry('eth0', 7, 3), entry('eth0', 7, 2), entry('eth0', 7, 0)]

const TABLES: Readonly<Record<string, readonly Entry[]>> = {
  'the same entries': PEERS,
  'one that is gone': PEERS.filter((_, at) => at !== 50),
  'the first that is gone': PEERS.slice(1),
  'some of its own, in front': [entry('docker0', 5), entry('flannel.1', 5), ...PEERS],
  'one of its own between': PEERS.toSpliced(40, 0, entry('flannel.1', 40), entry('flannel.1', 500)),
  'one in place of another': PEERS.with(60, entry('flannel.1', 60, 9)),
  'another order': PEERS.toReversed(),
  'two of one key': [...PEERS, ...TWICE],
  'two of one key, in another order': [...TWICE.toReversed(), ...PEERS],
  'one of the two': [...PEERS, ...TWICE.slice(1)],
  'an entry twice': [...PEERS, ...PEERS.slice(0, 3)],
  'few of them': PEERS.slice(0, 30),
  'no group of one kind': PEERS.filter(({ link }) => link !== 'eth0'),
  'nothing in common': PEERS.map((one) => ({ ...one })),
  nothing: [],
}

for (const [kind, keys] of Object.entries({ 'in their order': KEYS, 'best first': RANKED })) {
  for (const base of [PEERS, [...PEERS, ...TWICE]]) {
    for (const [name, table] of Object.entries(TABLES)) {
      test(`beside a table of ${base.length}, ${name}: what a search finds, ${kind}`, (t) => {
        const indexOf = tableIndexes(keys)
        indexOf(base)
        const index = indexOf(table)
        const { listed = (entries) => entries } = keys
        for (const link of ['eth0', 'flannel.1', 'docker0', 'none']) {
          const group = table.filter((one) => one.link === link)
          t.is(index.hasGroup(link), group.length > 0, link)
          for (const key of [0, 1, 5, 7, 40, 50, 60, 99, 500, 1000])
            t.deepEqual(index.entriesOf(link, key), listed(group.filter((one) => one.key === key)))
        }
        const { own, without, common } = index
        const all = new Set([...common.filter((one) => !without.has(one)), ...own])
        t.is(all.size, new Set(table).size)
        t.true(table.every((one) => all.has(one)))
      })
    }
  }
}

test('tables that are alike share an index, others and small ones do not', (t) => {
  const indexOf = tableIndexes(KEYS)
  indexOf(PEERS)
  t.is(indexOf(PEERS.slice(1)).common, PEERS)
  t.not(indexOf(PEERS.slice(0, 30)).common, PEERS)
  t.not(indexOf(PEERS.map((one) => ({ ...one }))).common, PEERS)
})
