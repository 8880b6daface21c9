/** Hosts, leases and the ways between them: a ring of few hosts, a heat map of many. */
import { html, type Markup } from '../html-template.ts'
import type { Report } from '../report.ts'
import { plural } from '../subject-text.ts'
import { chip, table } from './tables.ts'

/** More would be a ball of wool. */
const RING_HOSTS = 16
/** A heat map of more hosts shows those with losses first. */
const HEAT_HOSTS = 100
const LOST_SHOWN = 50
const CELL = 8

interface Way {
  readonly from: string
  readonly to: string
  sent: number
  received: number
  rtt?: number
}

/** Pings by ordered pair of hosts, all sizes and ends together. */
function waysOf({ observations }: Report): readonly Way[] {
  const ways = new Map<string, Way>()
  for (const seen of observations) {
    if (seen.kind !== 'ping' || seen.problem !== undefined) continue
    const key = `${seen.from.host}\0${seen.to.host}`
    const way = ways.get(key) ?? { from: seen.from.host, to: seen.to.host, sent: 0, received: 0 }
    way.sent += seen.sent
    way.received += seen.received
    if (seen.rttMs !== undefined) way.rtt = Math.max(way.rtt ?? 0, seen.rttMs.avg)
    ways.set(key, way)
  }
  return [...ways.values()]
}

function isTorn({ sent, received }: Way): boolean {
  return received < sent
}

/** Pairs that a cause names or a ping lost. */
function tornPairs(report: Report, ways: readonly Way[]): ReadonlySet<string> {
  const named = report.causes.flatMap(({ severity, subject: { host, peer } }) =>
    severity !== 'info' && host !== undefined && peer !== undefined ? [[host, peer]] : [],
  )
  const lost = ways.filter(isTorn).map(({ from, to }) => [from, to])
  return new Set([...named, ...lost].map((pair) => pair.sort().join('\0')))
}

function brokenHosts({ causes, hosts }: Report): ReadonlySet<string> {
  const named = causes.flatMap(({ severity, subject }) => (severity === 'info' ? [] : (subject.host ?? [])))
  return new Set([...named, ...hosts.flatMap(({ name, reachable }) => (reachable ? [] : [name]))])
}

interface Point {
  readonly name: string
  readonly x: number
  readonly y: number
}

function ring(report: Report, ways: readonly Way[]): Markup {
  const names = report.hosts.map(({ name }) => name)
  const [width, height] = [560, 400]
  const points = names.map((name, at): Point => {
    const angle = (2 * Math.PI * at) / names.length - Math.PI / 2
    return { name, x: width / 2 + 195 * Math.cos(angle), y: height / 2 + 145 * Math.sin(angle) }
  })
  const torn = tornPairs(report, ways)
  const broken = brokenHosts(report)
  const ties = points.flatMap((a, at) =>
    points.slice(at + 1).map((b) => {
      const kind = torn.has([a.name, b.name].sort().join('\0')) ? 'torn' : 'tie'
      return {
        kind,
        line: html`<line class="${kind}" x1="${a.x.toFixed(1)}" y1="${a.y.toFixed(1)}" x2="${b.x.toFixed(1)}" y2="${b.y.toFixed(1)}"/>`,
      }
    }),
  )
  const drawn = [...ties].sort((a, b) => a.kind.localeCompare(b.kind)).map(({ line }) => line)
  const nodes = points.map(({ name, x, y }) => {
    const lease = report.network?.leases.find(({ host }) => host === name)
    const kind = broken.has(name) ? 'bad' : 'good'
    return html`<g transform="translate(${(x - 66).toFixed(1)} ${(y - 21).toFixed(1)})"><rect class="node ${kind}" width="132" height="42" rx="9"/><text x="66" y="18" text-anchor="middle">${name.length > 18 ? `${name.slice(0, 17)}…` : name}</text><text class="dim" x="66" y="34" text-anchor="middle">${lease?.subnet ?? 'no lease'}</text></g>`
  })
  const label = `${plural(names.length, 'host')}, ${plural(torn.size, 'pair')} with a broken way, ${plural(broken.size, 'host')} with a cause`
  return html`<div class="card"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${drawn}${nodes}</svg><p class="legend">${label}</p></div>`
}

function lostTable(ways: readonly Way[]): Markup {
  const lost = ways.filter(isTorn)
  if (lost.length === 0) return html`<p class="legend">Every ping was answered.</p>`
  const rows = lost
    .slice(0, LOST_SHOWN)
    .map(({ from, to, sent, received }) => [from, to, `${sent - received} of ${sent}`])
  const rest = lost.length - LOST_SHOWN
  return html`${table(['from', 'to', 'lost'], rows, { caption: 'Pairs that lost pings', figures: [2] })}${rest > 0 ? html`<p class="legend">and ${plural(rest, 'more pair')}</p>` : html``}`
}

function heatMap(ways: readonly Way[]): Markup {
  const losses = new Map<string, number>()
  for (const way of ways) {
    for (const name of [way.from, way.to]) losses.set(name, (losses.get(name) ?? 0) + way.sent - way.received)
  }
  const names = [...losses]
    .sort((a, b) => b[1] - a[1])
    .slice(0, HEAT_HOSTS)
    .map(([name]) => name)
  const place = new Map(names.map((name, at) => [name, at]))
  const cells = ways.flatMap((way) => {
    const [x, y] = [place.get(way.to), place.get(way.from)]
    if (x === undefined || y === undefined) return []
    const kind = way.received === 0 ? 'lost' : isTorn(way) ? 'some' : ''
    return [
      html`<rect class="cell ${kind}" x="${x * CELL}" y="${y * CELL}" width="${CELL - 1}" height="${CELL - 1}"/>`,
    ]
  })
  const side = names.length * CELL
  const label = `pings between ${plural(names.length, 'host')}: rows send, columns answer`
  return html`<svg viewBox="0 0 ${side} ${side}" width="${Math.min(side, 640)}" role="img" aria-label="${label}">${cells}</svg><p class="legend">Rows send, columns answer; hosts with losses first, ${names.length} of ${losses.size}.</p>`
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

function matrix(ways: readonly Way[]): Markup {
  if (ways.length === 0) {
    return html`<div class="card"><p class="empty">No pings were sent: <code>check --probe</code> sends them.</p></div>`
  }
  const isLarge = new Set(ways.flatMap(({ from, to }) => [from, to])).size > 12
  return html`<div class="card">${isLarge ? html`${heatMap(ways)}${lostTable(ways)}` : pairTable(ways)}</div>`
}

/** The network in pictures. */
export function networkMarkup(report: Report): Markup {
  const ways = waysOf(report)
  const isSmall = report.hosts.length > 0 && report.hosts.length <= RING_HOSTS
  return html`<div class="split">${isSmall ? ring(report, ways) : html``}${matrix(ways)}</div>`
}
