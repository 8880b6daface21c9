import test from 'ava'
import { loadState } from '../collect/saved/saved-state.ts'
import { StateError } from '../collect/saved/state-meta.ts'
import { savedReading } from './saved-reading.ts'

const GOOD = { prefix: '/p', askedApi: 'auto', endpoints: [], v2: null, v3: null, at: 1 }

for (const [name, change, place] of [
  ['an endpoint that is null', { endpoints: [null] }, 'd.json: endpoints.0: expected object, found null'],
  ['a store that is a text', { v3: 'x' }, 'd.json: v3: expected object, found string'],
  [
    'an entry that is a number',
    { v3: { present: true, revision: 1, entries: [5] } },
    'd.json: v3.entries.0: expected object, found number',
  ],
  ['a prefix that is a number', { prefix: 5 }, 'd.json: prefix: expected string, found number'],
] as const) {
  test(`datastore.json with ${name} is one line that says where`, (t) => {
    t.throws(() => savedReading({ ...GOOD, ...change }, 'd.json'), { instanceOf: StateError, message: place })
  })
}

test('every recorded reading is one, and none is none', (t) => {
  t.like(savedReading(null, 'd.json'), { endpoints: [] })
  const { datastore } = loadState('fixtures/states/v0.28.9-vxlan')
  t.deepEqual(savedReading(datastore, 'd.json'), datastore as never)
  const kubernetes = loadState('fixtures/states/k8s-v0.28.9-vxlan').datastore
  t.deepEqual(savedReading(kubernetes, 'd.json'), kubernetes as never)
  t.throws(() => savedReading({ kind: 'kubernetes', server: 5 }, 'd.json'), {
    instanceOf: StateError,
    message: /d.json: server/,
  })
  for (const content of ['x', 5, []])
    t.throws(() => savedReading(content, 'd.json'), { message: /^d.json: / })
})
