/** Hosts in a ring, broken ways marked. */

import type { Report } from '../document/report.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { plural } from '../words/subject-text.ts'
import { isTorn, type Way } from './ways.ts'

/** More would be a ball of wool. */
const RING_HOSTS = 16
const NODE_WIDTH = 128
const NODE_HEIGHT = 42

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

/** Hosts of the picture: all of a small network, of a large one those that are broken and their peers. */
function drawnHosts({ hosts }: Report, torn: ReadonlySet<string>, broken: ReadonlySet<string>): string[] {
  const names = hosts.map(({ name }) => name)
  if (names.length <= RING_HOSTS) return names
  const known = new Set(names)
  const pairs = [...torn].flatMap((pair) => pair.split('\0'))
  return [...new Set([...pairs, ...broken])].filter((name) => known.has(name)).slice(0, RING_HOSTS)
}

/** Few hosts need little room: nodes are as large as a telephone can show. */
function ringSize(count: number): { readonly width: number; readonly height: number } {
  if (count <= 4) return { width: 440, height: 280 }
  return count <= 8 ? { width: 560, height: 400 } : { width: 760, height: 560 }
}

function ringPoints(names: readonly string[]): readonly Point[] {
  const { width, height } = ringSize(names.length)
  return names.map((name, at) => {
    const angle = (2 * Math.PI * at) / names.length - Math.PI / 2
    return {
      name,
      x: width / 2 + (width / 2 - NODE_WIDTH / 2 - 4) * Math.cos(angle),
      y: height / 2 + (height / 2 - NODE_HEIGHT / 2 - 4) * Math.sin(angle),
    }
  })
}

function tieMarkup([a, b]: readonly [Point, Point], kind: string): Markup {
  return html`<line class="${kind}" x1="${a.x.toFixed(1)}" y1="${a.y.toFixed(1)}" x2="${b.x.toFixed(1)}" y2="${b.y.toFixed(1)}"/>`
}

function nodeMarkup({ name, x, y }: Point, lease: string, kind: string): Markup {
  const shown = name.length > 16 ? `${name.slice(0, 15)}…` : name
  const middle = NODE_WIDTH / 2
  return html`<g transform="translate(${(x - middle).toFixed(1)} ${(y - NODE_HEIGHT / 2).toFixed(1)})"><rect class="node ${kind}" width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="9"/><text x="${middle}" y="18" text-anchor="middle">${shown}</text><text class="dim" x="${middle}" y="34" text-anchor="middle">${lease}</text></g>`
}

function pairKey(a: string, b: string): string {
  return [a, b].sort().join('\0')
}

/** Hosts with their leases and the ways between them; undefined where nothing of a large network is broken. */
export function ring(report: Report, ways: readonly Way[]): Markup | undefined {
  const torn = tornPairs(report, ways)
  const broken = brokenHosts(report)
  const names = drawnHosts(report, torn, broken)
  if (names.length === 0) return undefined
  const points = ringPoints(names)
  const pinged = new Set(ways.map(({ from, to }) => pairKey(from, to)))
  const leases = new Map((report.network?.leases ?? []).map(({ host = '', subnet }) => [host, subnet]))
  const pairs = points.flatMap((a, at) =>
    points.slice(at + 1).map((b) => ({ ends: [a, b] as const, key: pairKey(a.name, b.name) })),
  )
  const lines = [
    ...pairs
      .filter(({ key }) => !torn.has(key))
      .map(({ ends, key }) => tieMarkup(ends, pinged.has(key) ? 'tie good' : 'tie')),
    ...pairs.filter(({ key }) => torn.has(key)).map(({ ends }) => tieMarkup(ends, 'torn')),
  ]
  const nodes = points.map((point) =>
    nodeMarkup(point, leases.get(point.name) ?? 'no lease', broken.has(point.name) ? 'bad' : 'good'),
  )
  const ys = points.map(({ y }) => y)
  const top = Math.min(...ys) - NODE_HEIGHT / 2 - 4
  const { width } = ringSize(points.length)
  const height = Math.max(...ys) + NODE_HEIGHT / 2 + 4 - top
  const all = plural(report.hosts.length, 'host')
  const drawn = names.length < report.hosts.length ? `${names.length} of ${all}` : all
  const label = `${drawn}, ${plural(torn.size, 'pair')} with a broken way, ${plural(broken.size, 'host')} with a cause`
  const unpinged =
    ways.length > 0 || report.run.level !== 'read-only'
      ? html``
      : html` No pings were sent: <code>check --probe</code> sends them.`
  return html`<div class="card"><svg viewBox="0 ${top.toFixed(1)} ${width} ${height.toFixed(1)}" width="${width}" role="img" aria-label="${label}">${lines}${nodes}</svg><p class="legend">${label}.${unpinged}</p></div>`
}
