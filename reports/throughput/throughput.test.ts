/** The throughput formats: a whole document, a partial one, and one whose every text is hostile. */
import test from 'ava'
import fc from 'fast-check'
import { problemsOf, type Throughput } from './throughput.ts'
import { rendered, WHOLE } from './throughput-for-tests.ts'

const NOT_INSTALLED = 'iperf3 is not installed on h2: install the package iperf3 there'
const PARTIAL: Throughput = {
  ...WHOLE,
  networks: WHOLE.networks.map((network) => ({
    ...network,
    pairs: network.pairs.map((pair) => ({
      ...pair,
      ratio: {},
      ways: pair.ways.map((each) => {
        const none = { problem: NOT_INSTALLED }
        return { ...each, forward: none, reverse: none }
      }),
    })),
  })),
}

const ORDERED: Throughput = {
  ...WHOLE,
  order: {
    expected: ['host-gw', 'vxlan', 'udp'],
    mbits: [9000, 6000.4, 9.04],
    ratios: [0.961, 0.66, 0.01],
    holds: true,
    overlaps: ['host-gw and vxlan'],
  },
}

/** Every text of a document replaced, but the words that are ours. */
function withTexts(throughput: Throughput, planted: string): Throughput {
  const plant = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return key === 'way' ? value : planted
    if (Array.isArray(value)) return value.map((item) => plant(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plant(item, name)]))
  }
  return plant(throughput) as Throughput
}

test('text', (t) => {
  t.is(
    rendered('text', WHOLE),
    `MEASURED  2 rounds of 3 s in each direction, 1 TCP stream, overlay and underlay in turn; 9 s

vxlan 10.5.0.0/16  h1/h1c1 → h2

  TCP         Mbit/s  ratio  retransmits  CPU sender  CPU receiver
  overlay →     6000   0.67            3        81 %          40 %
  overlay ←     6000   0.67            3        81 %          40 %
  underlay →    9000      -            3        81 %          40 %
  underlay ←    9000      -            3        81 %          40 %

  round trip, ms           p50    p90    p99   max   lost
  overlay idle           0.110  0.200  1.500  12.3  1/100
  overlay under → load   0.110  0.200  1.500  12.3  1/100
  overlay under ← load   0.110  0.200  1.500  12.3  1/100
  underlay idle          0.110  0.200  1.500  12.3  1/100
  underlay under → load  0.110  0.200  1.500  12.3  1/100
  underlay under ← load  0.110  0.200  1.500  12.3  1/100

  noise     2 rounds tell little about noise: take --rounds 5 before you compare figures
  units     ratio: overlay by underlay. CPU: of the iperf3 process, percent of one core
`,
  )
})

test('what is not there has its reason once for each way, and pings are shown all the same', (t) => {
  t.deepEqual(problemsOf(PARTIAL), [`overlay: ${NOT_INSTALLED}`, `underlay: ${NOT_INSTALLED}`])
  const text = rendered('text', PARTIAL)
  t.regex(text, /^PARTLY MEASURED /)
  t.regex(text, /overlay → +- +- +- +- +-\n/)
  t.regex(text, /overlay idle +0\.110/)
  t.regex(text, /missing {3}overlay: iperf3 is not installed on h2/)
  t.regex(
    rendered('html', PARTIAL),
    /Not measured<\/h2>\n<div class="card"><ul><li>overlay: iperf3 is not installed/,
  )
  t.regex(rendered('markdown', PARTIAL), /\* overlay: iperf3 is not installed on h2/)
  const none = { ...WHOLE, networks: [{ pairs: [], problem: 'there are no two ends' }] }
  t.regex(rendered('text', none), /^NOT MEASURED .*there are no two ends/s)
})

test('the order of the backends is one sentence', (t) => {
  const sentence =
    /the order host-gw > vxlan > udp holds in this run: in Mbit\/s host-gw 9000 \(0\.96 of the underlay\), vxlan 6000 \(0\.66 of the underlay\), udp 9\.0 \(0\.01 of the underlay\); single rounds of host-gw and vxlan overlap/
  t.regex(rendered('text', ORDERED).replaceAll(/\s+/g, ' '), sentence)
  const untold = {
    expected: ['host-gw', 'vxlan'],
    mbits: [9000, { problem: 'no lab' }],
    ratios: [],
    overlaps: [],
  }
  const words = rendered('text', { ...WHOLE, order: untold }).replaceAll(/\s+/g, ' ')
  t.regex(words, /the order host-gw > vxlan is not known: in Mbit\/s host-gw 9000, vxlan not measured/)
})

test('Markdown has tables and bars on one scale', (t) => {
  const lines = rendered('markdown', WHOLE).split('\n')
  t.true(lines.includes('| overlay → | 6000 | 0.67 | 3 | 81 % | 40 % |'))
  t.true(lines.includes(`overlay →   ${'█'.repeat(27)} 6000`))
  t.true(lines.includes(`underlay →  ${'█'.repeat(40)} 9000`))
})

test('JSON is the document', (t) => {
  t.deepEqual(JSON.parse(rendered('json', ORDERED)), JSON.parse(JSON.stringify(ORDERED)))
})

/** Names of the elements of a page in order, `/` before those that end; the page must be nothing but text and whole tags. */
function tagsOf(page: string): readonly string[] {
  const tags = [...page.matchAll(/<(?:!doctype html|\/?[a-z][a-z0-9]*(?: [a-z-]+(?:="[^"<>]*")?)*\/?)>/gi)]
  const rest = page.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '').replaceAll(/<[^<>]*>/g, '')
  if (/[<>]/.test(rest)) throw new Error('a tag is not whole')
  return tags.map(([tag]) => /^<(\/?[a-z0-9!]+)/i.exec(tag)?.[1] ?? '')
}

test('the page has a bar for every figure, loads nothing and runs nothing', (t) => {
  const page = rendered('html', ORDERED)
  const bars = page.match(/<rect class="(overlay|underlay)"/g) ?? []
  t.is(bars.length, 4)
  t.is(page.match(/<circle class="(overlay|underlay)"/g)?.length, 6)
  t.regex(page, /<rect class="underlay"[^>]* width="420\.0"/)
  t.regex(page, /<rect class="overlay"[^>]* width="280\.0"/)
  t.notRegex(page, /https?:|\bsrc=|url\(|@import/)
  t.regex(page, /prefers-color-scheme:dark/)
  t.regex(page, /@media print/)
})

const HOSTILE = `</style></td></svg><script>alert(1)</script>"'><img src=x onerror=alert(1)> \`|**x**|[a](javascript:b)\u001b[31m\u202e\n# h`

test('hostile texts stay texts', (t) => {
  const page = rendered('html', withTexts(ORDERED, HOSTILE))
  t.deepEqual(tagsOf(page), tagsOf(rendered('html', withTexts(ORDERED, 'x'))))
  t.notRegex(page, /<script>alert|<img/)
  const markdown = rendered('markdown', withTexts(ORDERED, HOSTILE))
  t.notRegex(markdown, /(?<!\\)<|(?<!\\)\*\*x|(?<!\\)\]\(|^# h/m)
  for (const format of ['text', 'markdown', 'html']) {
    t.notRegex(rendered(format, withTexts(ORDERED, HOSTILE)), /[\u001b\u202e]/)
  }
})

test('no text adds a tag, a line of Markdown or a terminal escape', (t) => {
  const lines = (text: string): number => text.split('\n').length
  const markdown = lines(rendered('markdown', withTexts(ORDERED, 'x')))
  const tags = tagsOf(rendered('html', withTexts(ORDERED, 'x')))
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (planted) => {
        const document = withTexts(ORDERED, planted)
        const page = tagsOf(rendered('html', document))
        return (
          page.join() === tags.join() &&
          lines(rendered('markdown', document)) === markdown &&
          !/[\p{Cc}--\n]/v.test(rendered('text', document))
        )
      }),
      { numRuns: 30 },
    ),
  )
})
