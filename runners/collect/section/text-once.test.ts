import test from 'ava'
import { parsedOnce } from './text-once.ts'

function counting() {
  const parsed: string[] = []
  const read = parsedOnce((text) => {
    parsed.push(text)
    return { text }
  })
  return { parsed, read }
}

test('equal texts give one value, others their own', (t) => {
  const { parsed, read } = counting()
  t.is(read('one'), read(['o', 'ne'].join('')))
  t.deepEqual(read('two'), { text: 'two' })
  t.deepEqual(parsed, ['one', 'two'])
})

test('long texts are parsed each time, and many others make it forget', (t) => {
  const { parsed, read } = counting()
  const long = 'x'.repeat(5000)
  t.deepEqual(read(long), read(long))
  t.is(parsed.length, 2)
  const first = read('0')
  for (let at = 0; at < 20_000; at++) read(String(at))
  t.not(read('0'), first)
  t.deepEqual(read('0'), first)
})

test('what cannot be parsed is refused each time', (t) => {
  const read = parsedOnce((text) => JSON.parse(text) as unknown)
  t.throws(() => read('{'), { instanceOf: SyntaxError })
  t.throws(() => read('{'), { instanceOf: SyntaxError })
})
