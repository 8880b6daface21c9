/** Markdown read by another's parser: what was put in comes out, and nothing else. */
import test from 'ava'
import fc from 'fast-check'
import { lexer, parse, type Tokens } from 'marked'
import { markdown, markdownBlock, markdownCode, markdownText } from './markdown-escape.ts'
import { markdownTable } from './markdown-table.ts'
import { printable } from './printable.ts'

const HOSTILE = [
  '<script>alert(1)</script>',
  '| a | b |',
  '[x](javascript:alert(1))',
  '![x](http://192.0.2.1/x.png)',
  '# heading',
  '- item',
  '1. item',
  '=== ',
  '`code` ``more``',
  '**bold** __bold__ ~~gone~~',
  'http://192.0.2.1/ www.example.org @everyone :rocket: 18:44:28',
  '&lt;b&gt; &amp;',
  'a\nb\r\n\tc',
  '\u001b[31mred\u001b]8;;http://x\u0007link',
  '\\',
  '$x^2$',
  '`',
  '',
  ' ',
]

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" }

/** What a reader sees of HTML, and the elements it has. */
function seen(html: string): { readonly text: string; readonly elements: readonly string[] } {
  const bare = html.replaceAll('<!-- -->', '')
  const elements = [...bare.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name = '']) => name)
  const text = bare
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|amp|quot|#39);/g, (_, name) => ENTITIES[name] ?? '')
  return { text, elements: [...new Set(elements)] }
}

const words = fc.oneof(
  fc.constantFrom(...HOSTILE, '@0<a', ' @x<script>', ':x:<b>'),
  fc.string({ unit: 'binary' }),
  fc.string(),
)
const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim()

test('text means nothing in Markdown and is read back as it is', (t) => {
  fc.assert(
    fc.property(words, (text) => {
      const { text: back, elements } = seen(parse(`x ${markdownText(text).markdown}`, { async: false }))
      return elements.join() === 'p' && squeezed(back) === squeezed(`x ${printable(text, 2000)}`)
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(words, (text) => {
      const { elements } = seen(parse(markdownText(text).markdown, { async: false }))
      return elements.every((name) => name === 'p')
    }),
    { numRuns: 500 },
  )
  t.is(markdownText('18:44:28, 2 of 3').markdown, '18:44:28, 2 of 3')
})

test('a code span holds any text', (t) => {
  fc.assert(
    fc.property(words, (text) => {
      const { text: back, elements } = seen(
        parse(`| a |\n|---|\n| x ${markdownCode(text).markdown} |`, { async: false }),
      )
      const known = new Set(['table', 'thead', 'tbody', 'tr', 'th', 'td', 'code'])
      return (
        elements.every((name) => known.has(name)) &&
        squeezed(back) === squeezed(`a x ${printable(text, 2000)}`)
      )
    }),
    { numRuns: 500 },
  )
  t.is(markdownCode('fdb/peer-vtep:missing').markdown, '`fdb/peer-vtep:missing`')
})

test('a fenced block ends where we end it', (t) => {
  const tokens = lexer(markdownBlock(['```', '````', 'ip route', '~~~']).join('\n'))
  t.is(tokens.length, 1)
  t.is((tokens[0] as Tokens.Code).text, '```\n````\nip route\n~~~')
})

test('a table has its rows and columns whatever is in its cells', (t) => {
  const row = fc.tuple(words, words, fc.integer())
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
      const lines = markdownTable(['a', { title: 'b|', align: 'right' }, 'c'], rows)
      const [table, ...rest] = lexer(lines.join('\n')) as Tokens.Table[]
      return (
        rest.length === 0 &&
        table?.type === 'table' &&
        table.align.join() === ',right,' &&
        table.rows.length === rows.length &&
        table.rows.every((cells) => cells.length === 3)
      )
    }),
    { numRuns: 300 },
  )
  t.deepEqual(markdownTable(['a'], [[markdown`**${'x*'}**`]]), ['| a |', '|---|', '| **x\\*** |'])
})
