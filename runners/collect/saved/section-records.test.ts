import test from 'ava'
import { sectionRecords } from './section-records.ts'
import { StateError } from './state-meta.ts'

for (const [name, content, message] of [
  ['a text', 'x', 's.json: expected an object, found "x"'],
  ['null', null, 's.json: expected an object, found null'],
  ['a record that is a number', { links: 5 }, 's.json: links: expected an object, found 5'],
  [
    'an exit status that is a text',
    { links: { end: { exit: '0' } } },
    's.json: links.end: expected an exit status, timedOut or truncated, found {"exit":"0"}',
  ],
  [
    'a command that is a list',
    { links: { command: [] } },
    's.json: links.command: expected a text, found []',
  ],
] as const) {
  test(`sections.json with ${name} is one line that says where`, (t) => {
    t.throws(() => sectionRecords(content, 's.json'), { instanceOf: StateError, message })
  })
}
