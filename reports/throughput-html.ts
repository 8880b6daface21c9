/** A Throughput document as one HTML page that loads nothing. */
import { html, type Markup } from './html-template.ts'
import { type PairFigures, problemsOf, type Throughput } from './throughput.ts'
import { roundTripPlot, throughputPlot } from './throughput-plot.ts'
import {
  largestMbits,
  networkText,
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
import { STYLE } from './throughput-style.ts'

function table(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const cells = (row: readonly string[]): readonly Markup[] => row.map((cell) => html`<td>${cell}</td>`)
  return html`<div class="scroll"><table>
<thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody>
</table></div>`
}

function commandsMarkup({ ways }: PairFigures): Markup {
  const lines = ways.flatMap(({ way, commands }) => {
    if (commands === undefined) return []
    const { server, client, ping } = commands
    return [html`<li>${way}: <code>${server}</code>, <code>${client}</code>, <code>${ping}</code></li>`]
  })
  if (lines.length === 0) return html``
  return html`<p>By hand, server on the target, the others on the source:</p><ul>${lines}</ul>`
}

function pairMarkup(title: string, pair: PairFigures, most: number): Markup {
  const tcp = tcpRows(pair).map((row) => [row.label, ...tcpCells(row)])
  const trips = roundTripRows(pair).map((row) => [row.label, ...roundTripCells(row)])
  return html`<section><h2>${title}</h2>
${throughputPlot(pair, most)}${table(['TCP', ...TCP_COLUMNS], tcp)}
${roundTripPlot(pair)}${table(['round trip, ms', ...RTT_COLUMNS], trips)}
${commandsMarkup(pair)}</section>`
}

function problemsMarkup(problems: readonly string[]): Markup {
  if (problems.length === 0) return html``
  return html`<h2>Not measured</h2><ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`
}

/** Renders as an HTML page with inline plots, for light and dark screens. */
export function throughputHtml(throughput: Throughput): string {
  const { run } = throughput
  const most = largestMbits(throughput)
  const order = orderText(throughput)
  const sections = throughput.networks.flatMap((network) =>
    network.pairs.map((pair) => pairMarkup(`${networkText(network)}: ${pairText(pair)}`, pair, most)),
  )
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>flannel throughput</title>${STYLE}</head>
<body><h1>flannel throughput: ${verdictText(throughput).toLowerCase()}</h1>
<p>${settingsText(throughput)}; ${run.tool} ${run.version}, ${run.startedAt}. Ratio: overlay by underlay. CPU: of the iperf3 process, percent of one core. Round trips: the bar is the median, the line ends at the 99th percentile.</p>
${order === undefined ? html`` : html`<p class="order">${order}</p>`}
${sections}${problemsMarkup(problemsOf(throughput))}
</body></html>
`.markup
}
