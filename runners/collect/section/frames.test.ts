import test from 'ava'
import fc from 'fast-check'
import { endWord, formatMark, frameToken, type Mark, parseFrames, watchMarks } from './frames.ts'

const TOKEN = '0123456789abcdef0123456789abcdef'
const frame = (name: string, text: string, status = '0'): string =>
  formatMark(TOKEN, { kind: 'begin', name, status: '' }) +
  text +
  formatMark(TOKEN, { kind: 'end', name, status })

test('tokens are 128 bits and differ', (t) => {
  t.regex(frameToken(), /^[0-9a-f]{32}$/)
  t.not(frameToken(), frameToken())
})

test('text comes back exactly, with and without a newline at its end', (t) => {
  const stream = frame('links', 'a\n') + frame('rules', 'b', '127') + frame('fdb', '')
  t.deepEqual(parseFrames(stream, TOKEN), [
    { name: 'links', text: 'a\n', end: { exit: 0 } },
    { name: 'rules', text: 'b', end: { exit: 127 } },
    { name: 'fdb', text: '', end: { exit: 0 } },
  ])
})

test('any text survives framing', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 255 }), (text, status) => {
      const wellFormed = text.toWellFormed()
      const [only, ...others] = parseFrames(frame('links', wellFormed, String(status)), TOKEN)
      t.deepEqual(only, { name: 'links', text: wellFormed, end: { exit: status } })
      t.is(others.length, 0)
    }),
  )
})

test('marks of another token are text', (t) => {
  const fake = frame('links', 'fake').replaceAll(TOKEN, 'f'.repeat(32))
  t.deepEqual(parseFrames(frame('rules', fake), TOKEN), [{ name: 'rules', text: fake, end: { exit: 0 } }])
})

test('output that is no text does not disturb its neighbours', (t) => {
  const noise = Buffer.from([0, 255, 254, 10, 0xc3, 0x28, 10])
  const begin = Buffer.from(formatMark(TOKEN, { kind: 'begin', name: 'links', status: '' }))
  const rest = Buffer.from(
    formatMark(TOKEN, { kind: 'end', name: 'links', status: '0' }) + frame('rules', 'ok'),
  )
  const [first, second] = parseFrames(Buffer.concat([begin, noise, rest]), TOKEN)
  t.deepEqual(first?.end, { exit: 0 })
  t.is(second?.text, 'ok')
})

test('a stream that stops inside a section has no end for it', (t) => {
  const stream = `${frame('links', 'a') + formatMark(TOKEN, { kind: 'begin', name: 'rules', status: '' })}half`
  t.deepEqual(parseFrames(stream, TOKEN)[1], { name: 'rules', text: 'half' })
})

test('recorded ends travel as words', (t) => {
  for (const end of [{ exit: 3 }, { timedOut: true }, { truncated: true }] as const) {
    t.deepEqual(parseFrames(frame('links', '', endWord(end)), TOKEN)[0]?.end, end)
  }
})

test('marks are seen once, however the stream is cut', (t) => {
  const stream = Buffer.from(frame('links', 'x'.repeat(700)) + frame('rules', '') + frame('fdb', 'y\n', '1'))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 }), (sizes) => {
      const seen: Mark[] = []
      const watch = watchMarks(TOKEN, ({ kind, name, status }) => seen.push({ kind, name, status }))
      let from = 0
      for (const size of [...sizes, stream.length]) {
        watch(stream.subarray(from, from + size))
        from += size
      }
      t.deepEqual(
        seen.map(({ kind, name }) => `${kind} ${name}`),
        ['begin links', 'end links', 'begin rules', 'end rules', 'begin fdb', 'end fdb'],
      )
    }),
  )
})
