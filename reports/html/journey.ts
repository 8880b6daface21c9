/** The way of a packet as lanes: every place, what was seen there and when, and where it was lost. */

import type { Report, ReportHop, ReportTrace } from '../document/report.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { endName } from '../words/end-name.ts'
import { dropAt, droppedText, pingText } from '../words/trace-text.ts'

const STAGE_TITLES: Readonly<Record<ReportHop['stage'], string>> = {
  source: 'sender',
  bridge: 'bridge',
  forward: 'forwarding',
  route: 'route',
  neighbour: 'neighbour',
  fdb: 'FDB',
  encap: 'encapsulation',
  underlay: 'underlay',
  decap: 'decapsulation',
  'forward-in': 'forwarding',
  'bridge-in': 'bridge',
  target: 'receiver',
}

function seenWord({ seen }: ReportHop): string {
  return seen === undefined ? 'unknown' : seen ? 'seen' : 'missed'
}

function stop(hop: ReportHop, isLost: boolean): Markup {
  const time = hop.at === undefined ? html`` : html`<span>${hop.at.toFixed(3)} ms</span>`
  const why = isLost && hop.why !== undefined ? html`<span class="why">${hop.why}</span>` : html``
  const words = isLost
    ? 'lost here'
    : { seen: 'seen', missed: 'not seen', unknown: 'not watched' }[seenWord(hop)]
  const stage = hop.link === undefined ? '' : `${STAGE_TITLES[hop.stage]}, `
  const inside = hop.container === undefined ? html`` : html`<span>in ${hop.container}</span>`
  return html`<li class="stop ${isLost ? 'lost' : seenWord(hop)}"><b>${hop.link ?? STAGE_TITLES[hop.stage]}</b>${inside}<span>${stage}${words ?? ''}</span>${time}${why}</li>`
}

/** A row for every host that the packet passes, in the order of its way. */
function rails(trace: ReportTrace, name: string): readonly Markup[] {
  const at = Math.min(dropAt(trace), trace.hops.length - 1)
  const runs: { host: string; stops: Markup[] }[] = []
  for (const [index, hop] of trace.hops.entries()) {
    const last = runs.at(-1)
    const drawn = stop(hop, index === at)
    if (last?.host === hop.host) last.stops.push(drawn)
    else runs.push({ host: hop.host, stops: [drawn] })
  }
  return runs.map(
    ({ host, stops }) =>
      html`<div class="rail"><p>${host}</p><ol class="stops" aria-label="${name} on ${host}, place by place">${stops}</ol></div>
`,
  )
}

function usedMarkup({ hops }: ReportTrace): Markup {
  const used = hops.flatMap((hop) => hop.used.map(({ typed, excerpt }) => ({ typed, excerpt })))
  const unique = [...new Map(used.map((each) => [`${each.typed}\n${each.excerpt}`, each])).values()]
  if (unique.length === 0) return html``
  const entries = unique.map(
    ({ typed, excerpt }) => html`<pre><span class="cmd">${typed}</span>${excerpt}</pre>`,
  )
  return html`<details><summary>Entries that led it</summary>${entries}</details>`
}

function lane(trace: ReportTrace): Markup {
  const dropped = droppedText(trace)
  const kernel = dropped === undefined ? html`` : html`<p>The kernel: <code>${dropped}</code></p>`
  const name = trace.direction === 'request' ? 'Request' : 'Reply'
  return html`<div class="lane"><h3>${name} <code>${endName(trace.from)}</code> to <code>${endName(trace.to)}</code>, ${trace.ping.size} bytes</h3><p>${trace.says}</p>
${rails(trace, name)}${kernel}${usedMarkup(trace)}</div>
`
}

/** Both directions of every ping that was followed; undefined when none was. */
export function journeyMarkup({ traces }: Report): Markup | undefined {
  const [first] = traces
  if (first === undefined) return undefined
  const counters = first.counters.map(
    ({ host, counter, by }) => html`<li>${host} <code>${counter}</code> +${by}</li>`,
  )
  const unseen = first.notObserved.map(
    ({ rung, where, reason }) => html`<li>${rung} ${where}: ${reason}</li>`,
  )
  return html`<div class="card">${traces.map(lane)}<p class="legend">${pingText(first)}. Filled: a tap saw the packet; dotted: a working tap did not; cross: it was lost.</p>
${counters.length === 0 ? html`` : html`<details><summary>Counters of errors that grew</summary><ul>${counters}</ul></details>`}${unseen.length === 0 ? html`` : html`<details><summary>What could not be watched</summary><ul>${unseen}</ul></details>`}</div>`
}
