/** Hosts, leases and the ways between them: a ring of few hosts, a heat map of many. */

import type { Report } from '../document/report.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { plural } from '../words/subject-text.ts'
import { ring } from './ring.ts'
import { chip, table } from './tables.ts'
import { isTorn, type Way, waysOf } from './ways.ts'

/** A heat map of more hosts shows those with losses first. */
const HEAT_HOSTS = 100
const LOST_SHOWN = 50
/** Pixels of a heat map's side, and of one of its cells at most. */
const HEAT_SIDE = 640
const LARGEST_CELL = 26
/** Hosts whose names stand beside their row. */
const NAMED_ROWS = 40
/** Room for those names. */
const NAME_WIDTH = 130
/** A round trip so many times the median is slow. */
const SLOW = 3

function lostTable(ways: readonly Way[]): Markup {
  const lost = ways.filter(isTorn)
  if (lost.length === 0) return html`<p class="legend">Every ping was answered.</p>`
  const rows = lost
    .slice(0, LOST_SHOWN)
    .map(({ from, to, sent, received }) => [from, to, `${sent - received} of ${sent}`])
  const rest = lost.length - LOST_SHOWN
  return html`<details><summary>${plural(lost.length, 'pair')} that lost pings</summary>${table(['from', 'to', 'lost'], rows, { label: 'Pairs that lost pings', figures: [2] })}${rest > 0 ? html`<p class="legend">and ${plural(rest, 'more pair')}</p>` : html``}</details>`
}

/** Hosts by what they lost, the first of many. */
function heatNames(ways: readonly Way[]): { readonly names: readonly string[]; readonly of: number } {
  const losses = new Map<string, number>()
  for (const way of ways) {
    for (const name of [way.from, way.to]) losses.set(name, (losses.get(name) ?? 0) + way.sent - way.received)
  }
  const names = [...losses].sort((a, b) => b[1] - a[1]).map(([name]) => name)
  return { names: names.slice(0, HEAT_HOSTS), of: losses.size }
}

function slowFrom(ways: readonly Way[]): number {
  const times = ways.flatMap(({ rtt }) => rtt ?? []).sort((a, b) => a - b)
  return SLOW * (times[Math.floor(times.length / 2)] ?? Number.POSITIVE_INFINITY)
}

function cellKind(way: Way, slow: number): string {
  if (way.received === 0) return 'lost'
  if (isTorn(way)) return 'some'
  return (way.rtt ?? 0) > slow ? 'slow' : ''
}

function heatMap(ways: readonly Way[]): Markup {
  const { names, of } = heatNames(ways)
  const cell = Math.min(LARGEST_CELL, HEAT_SIDE / names.length)
  const left = names.length <= NAMED_ROWS ? NAME_WIDTH : 0
  const place = new Map(names.map((name, at) => [name, at]))
  const slow = slowFrom(ways)
  const cells = ways.flatMap((way) => {
    const [x, y] = [place.get(way.to), place.get(way.from)]
    if (x === undefined || y === undefined) return []
    const kind = cellKind(way, slow)
    const told =
      kind === ''
        ? html`/>`
        : html`><title>${way.from} → ${way.to}: ${way.received} of ${way.sent} answered</title></rect>`
    return [
      html`<rect class="cell ${kind}" x="${(left + x * cell).toFixed(1)}" y="${(y * cell).toFixed(1)}" width="${(cell - 1).toFixed(1)}" height="${(cell - 1).toFixed(1)}"${told}`,
    ]
  })
  const labels =
    left === 0
      ? []
      : names.map(
          (name, at) =>
            html`<text x="${left - 8}" y="${((at + 0.5) * cell + 4).toFixed(1)}" text-anchor="end">${name.length > 18 ? `${name.slice(0, 17)}…` : name}</text>`,
        )
  const [width, height] = [left + names.length * cell, names.length * cell]
  const label = `pings between ${plural(names.length, 'host')}: rows send, columns answer in the same order`
  return html`<svg viewBox="0 0 ${width.toFixed(1)} ${height.toFixed(1)}" width="${width.toFixed(0)}" role="img" aria-label="${label}">${cells}${labels}</svg><p class="legend">Rows send, columns answer in the same order; hosts with losses first, ${names.length} of ${of}.<br>${HEAT_KEYS}</p>`
}

function pairTable(ways: readonly Way[]): Markup {
  const names = [...new Set(ways.flatMap(({ from, to }) => [from, to]))]
  const found = new Map(ways.map((way) => [`${way.from}\0${way.to}`, way]))
  const rows = names.map((from) => [
    html`<b>${from}</b>`,
    ...names.map((to) => {
      const way = found.get(`${from}\0${to}`)
      if (way === undefined) return '–'
      if (isTorn(way)) return chip(`${way.sent - way.received}/${way.sent} lost`, 'bad')
      return way.rtt === undefined ? chip('answered', 'good') : chip(`${way.rtt.toFixed(2)} ms`, 'good')
    }),
  ])
  return table(['from \\ to', ...names], rows, {
    caption: 'Pings: slowest mean round trip, or how many were lost',
  })
}

function matrix(ways: readonly Way[]): Markup | undefined {
  if (ways.length === 0) return undefined
  const isLarge = new Set(ways.flatMap(({ from, to }) => [from, to])).size > 12
  return html`<div class="card">${isLarge ? html`${heatMap(ways)}${lostTable(ways)}` : pairTable(ways)}</div>`
}

const HEAT_KEYS: Markup = html`${[
  ['good', 'answered'],
  ['calm', `slower than ${SLOW} times the median`],
  ['warn', 'some lost'],
  ['bad', 'all lost'],
].map(([tone = '', words = '']) => html`<span class="key ${tone}"></span>${words}`)}`

/** The network in pictures; undefined where there is nothing to show. */
export function networkMarkup(report: Report): Markup | undefined {
  const ways = waysOf(report)
  const pictures = [ring(report, ways), matrix(ways)].flatMap((picture) => picture ?? [])
  return pictures.length === 0 ? undefined : html`<div class="split">${pictures}</div>`
}
