import test from 'ava'
import { InputError } from '../../input-error.ts'
import { namedFormat, namedFormats, renderedAs } from './named-format.ts'

const KNOWN = { text: 1, json: 2, html: 3 } as const

test('a name alone goes to stdout, behind = stands a file', (t) => {
  t.deepEqual(namedFormat(KNOWN, 'json'), { name: 'json', format: 2, file: undefined })
  t.deepEqual(namedFormat(KNOWN, 'html=a=b.html'), { name: 'html', format: 3, file: 'a=b.html' })
})

test('without any it is text', (t) => {
  t.deepEqual(namedFormats(KNOWN, undefined), [{ name: 'text', format: 1, file: undefined }])
  t.deepEqual(namedFormats(KNOWN, []), namedFormats(KNOWN, undefined))
})

for (const [asked, words] of [
  ['yaml', /--format yaml: expected one of text, json, html$/],
  ['__proto__', /--format __proto__: expected/],
  ['toString=x', /--format toString: expected/],
  ['', /--format : expected/],
  ['json=', /--format json=: expected a file/],
] as const) {
  test(`--format ${asked} is refused`, (t) => {
    const error = t.throws(() => namedFormats(KNOWN, [asked]), { instanceOf: InputError })
    t.regex(error.message, words)
  })
}

test('each is rendered, one to stdout and the others to their files', (t) => {
  const texts = { text: () => 'a table', json: () => '{}' }
  const { stdout, files } = renderedAs(texts, ['text', 'json=one', 'json=two'])
  t.is(stdout, 'a table')
  t.deepEqual(
    [...(files ?? [])],
    [
      ['one', '{}'],
      ['two', '{}'],
    ],
  )
  t.throws(() => renderedAs(texts, ['text', 'json']), { instanceOf: InputError })
})
