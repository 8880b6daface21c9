/** A Throughput document as a section of a Markdown document: tables, and bars as text. */

import { markdownText } from '../layout/markdown-escape.ts'
import { markdownTable } from '../layout/markdown-table.ts'
import { type PairFigures, problemsOf, type Throughput } from './throughput.ts'
import {
  barsOf,
  largestMbits,
  mbitsText,
  networkText,
  noiseLines,
  orderText,
  pairText,
  RTT_COLUMNS,
  roundTripCells,
  roundTripRows,
  settingsText,
  TCP_COLUMNS,
  tcpCells,
  tcpRows,
} from './throughput-rows.ts'

/** Characters of the longest bar. */
const BAR_WIDTH = 40

const quoted = (text: string): string => markdownText(text).markdown

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return markdownTable(
    head.map((title, at) => (at === 0 ? title : { title, align: 'right' })),
    rows,
  )
}

function barLines(pair: PairFigures, most: number): string[] {
  const bars = barsOf(pair)
  if (bars.length === 0) return []
  const width = Math.max(...bars.map(({ label }) => label.length))
  const lines = bars.map(({ label, mbits }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((BAR_WIDTH * mbits) / most)))
    return `${label.padEnd(width)}  ${bar} ${mbitsText(mbits)}`
  })
  return ['```', ...lines, '```', '']
}

function pairLines(pair: PairFigures, most: number): string[] {
  return [
    ...table(
      ['TCP', ...TCP_COLUMNS],
      tcpRows(pair).map((row) => [row.label, ...tcpCells(row)]),
    ),
    '',
    ...barLines(pair, most),
    ...table(
      ['round trip, ms', ...RTT_COLUMNS],
      roundTripRows(pair).map((row) => [row.label, ...roundTripCells(row)]),
    ),
    '',
  ]
}

/** Renders as Markdown. */
export function throughputMarkdown(throughput: Throughput): string {
  const most = largestMbits(throughput)
  const order = orderText(throughput)
  const { version, startedAt } = throughput.run
  const problems = problemsOf(throughput)
  return [
    '### Throughput',
    '',
    `${quoted(settingsText(throughput))}; flannel-doctor ${quoted(version)}, ${quoted(startedAt)}`,
    '',
    ...noiseLines(throughput).flatMap((each) => [quoted(each), '']),
    ...(order === undefined ? [] : [`**${quoted(order)}**`, '']),
    ...throughput.networks.flatMap((network) =>
      network.pairs.flatMap((pair) => [
        `#### ${quoted(networkText(network))}: ${quoted(pairText(pair))}`,
        '',
        ...pairLines(pair, most),
      ]),
    ),
    ...(problems.length === 0
      ? []
      : ['Not measured:', '', ...problems.map((each) => `* ${quoted(each)}`), '']),
  ].join('\n')
}
