import test from 'ava'
import fc from 'fast-check'
import { afterMark, streamAfterMark } from './after-mark.ts'

const MARK = '\nabc begin\n'

test('what stands behind the mark comes through, however the stream is cut', (t) => {
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), cuts, (before, behind, sizes) => {
      const bytes = Buffer.concat([Buffer.from(before + MARK), behind])
      const take = afterMark(MARK)
      const kept: Uint8Array[] = []
      let from = 0
      for (let turn = 0; from < bytes.length; turn++) {
        const to = from + (sizes[turn % sizes.length] ?? 1)
        kept.push(take(bytes.subarray(from, to)) ?? new Uint8Array())
        from = to
      }
      return Buffer.concat(kept).equals(behind)
    }),
  )
  t.pass()
})

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += Buffer.from(chunk).toString('utf8')
  return text
}

test('a stream without the mark is given whole: it says why', async (t) => {
  t.is(
    await textOf(streamAfterMark(chunks('This account ', 'is closed\n'), MARK)),
    'This account is closed\n',
  )
  t.is(await textOf(streamAfterMark(chunks('hello', '\nabc be', 'gin\nyes', '!'), MARK)), 'yes!')
})
