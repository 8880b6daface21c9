/** A Throughput document for a terminal: one table of TCP and one of round trips for each pair. */
import { type Canvas, row, rows, style } from '../layout/canvas.ts'
import { printable } from '../layout/printable.ts'
import { type PairFigures, problemsOf, type Throughput } from './throughput.ts'
import {
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
  verdictText,
} from './throughput-rows.ts'

/** First column to the left, figures to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((cells) => (cells[at] ?? '').length)))
  return rows.map((cells) => {
    const padded = cells.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    )
    return `  ${padded.join('  ')}`
  })
}

function pairLines(pair: PairFigures): string[] {
  const tcp = tcpRows(pair).map((each) => [each.label, ...tcpCells(each)])
  const trips = roundTripRows(pair).map((each) => [each.label, ...roundTripCells(each)])
  return [
    ...table([['TCP', ...TCP_COLUMNS], ...tcp]),
    '',
    ...table([['round trip, ms', ...RTT_COLUMNS], ...trips]),
    '',
  ]
}

/** Renders as plain or coloured text. Bars are left to Markdown and HTML. */
export function throughputText(throughput: Throughput, canvas: Canvas): string {
  const verdict = verdictText(throughput)
  const seconds = (throughput.run.durationMs / 1000).toFixed(0)
  const painted = style(verdict, verdict === 'MEASURED' ? 'green' : 'yellow', canvas.color)
  const order = orderText(throughput)
  const networks = throughput.networks.flatMap((network) =>
    network.pairs.flatMap((pair) => [
      style(printable(`${networkText(network)}  ${pairText(pair)}`), 'bold', canvas.color),
      '',
      ...pairLines(pair),
    ]),
  )
  const problems = problemsOf(throughput).flatMap((problem, at) =>
    row(at === 0 ? 'missing' : '', problem, canvas),
  )
  return `${[
    `${painted}  ${settingsText(throughput)}; ${seconds} s`,
    '',
    ...networks,
    ...(order === undefined ? [] : row('order', order, canvas)),
    ...problems,
    ...rows('noise', noiseLines(throughput), canvas),
    ...row('units', 'ratio: overlay by underlay. CPU: of the iperf3 process, percent of one core', canvas),
  ].join('\n')}\n`
}
