/** A Throughput document as one HTML page that loads nothing. */

import { capital, type PageSection, page } from '../html/page.ts'
import { table } from '../html/tables.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { type PairFigures, problemsOf, type Throughput } from './throughput.ts'
import { roundTripPlot, throughputPlot } from './throughput-plot.ts'
import {
  largestMbits,
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

const TONES: Readonly<Record<string, 'good' | 'warn' | 'bad'>> = {
  MEASURED: 'good',
  'PARTLY MEASURED': 'warn',
  'NOT MEASURED': 'bad',
}

function figures(
  [caption, first]: readonly [string, string],
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Markup {
  return table([first, ...head], rows, { caption, figures: head.map((_, at) => at + 1) })
}

function commandsMarkup({ ways }: PairFigures): Markup {
  const lines = ways.flatMap(({ way, commands }) => {
    if (commands === undefined) return []
    const { server, client, ping } = commands
    return [html`<li>${way}: <code>${server}</code>, <code>${client}</code>, <code>${ping}</code></li>`]
  })
  if (lines.length === 0) return html``
  return html`<details><summary>By hand: server on the target, the others on the source</summary><ul>${lines}</ul></details>`
}

function pairMarkup(pair: PairFigures, most: number): Markup {
  const tcp = tcpRows(pair).map((row) => [row.label, ...tcpCells(row)])
  const trips = roundTripRows(pair).map((row) => [row.label, ...roundTripCells(row)])
  return html`<div class="card">${throughputPlot(pair, most)}${figures(['Throughput', 'TCP'], TCP_COLUMNS, tcp)}</div>
<div class="card">${roundTripPlot(pair)}<p class="legend">The dot is the median, the line ends at the 99th percentile; each step to the right is ten times as long.</p>
${figures(['Round trips', 'milliseconds'], RTT_COLUMNS, trips)}${commandsMarkup(pair)}</div>`
}

function listed(lines: readonly string[]): Markup {
  return html`<div class="card"><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`
}

function pairSections(throughput: Throughput): readonly PageSection[] {
  const most = largestMbits(throughput)
  const pairs = throughput.networks.flatMap((network) => network.pairs.map((pair) => ({ network, pair })))
  return pairs.map(({ network, pair }, at) => ({
    id: `pair-${at + 1}`,
    title: `${networkText(network)}: ${pairText(pair)}`,
    body: pairMarkup(pair, most),
  }))
}

/** Renders as an HTML page with inline plots, for light and dark screens and for print. */
export function throughputHtml(throughput: Throughput): string {
  const { run } = throughput
  const verdict = verdictText(throughput)
  const order = orderText(throughput)
  const noise = noiseLines(throughput)
  const problems = problemsOf(throughput)
  return page({
    title: `flannel throughput: ${verdict.toLowerCase()}`,
    eyebrow: 'flannel-doctor throughput',
    heading: capital(verdict),
    tone: TONES[verdict] ?? 'calm',
    intro: html`<p class="lede">${settingsText(throughput)}</p>${order === undefined ? html`` : html`<p class="lede"><b>${order}</b></p>`}
<p class="legend">Ratio: overlay by underlay. CPU: of the iperf3 process, percent of one core.</p>
<dl class="facts"><div><dt>tool</dt><dd>${run.tool} ${run.version}</dd></div><div><dt>started</dt><dd>${run.startedAt}</dd></div><div><dt>took</dt><dd>${(run.durationMs / 1000).toFixed(0)} s</dd></div></dl>`,
    sections: [
      ...(noise.length === 0 ? [] : [{ id: 'noise', title: 'Noise', body: listed(noise) }]),
      ...pairSections(throughput),
      ...(problems.length === 0 ? [] : [{ id: 'missing', title: 'Not measured', body: listed(problems) }]),
    ],
    footer: `${run.tool} ${run.version}`,
  })
}
