/** A report in a few figures. */

import type { Report } from '../document/report.ts'
import { html, type Markup } from '../layout/html-template.ts'
import type { Tone } from './page.ts'

interface Tile {
  readonly label: string
  readonly figure: number
  readonly tone: Tone | 'plain'
}

/** `2026-11-28 08:23:41 UTC`; a time of another form stays as it is. */
export function momentText(at: string): string {
  return at.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC')
}

const FIGURE = new Intl.NumberFormat('en')

/** How many of all: what is missing names the whole. */
function ofAll(part: number, all: number, what: string): Pick<Tile, 'label' | 'figure'> {
  return { figure: part, label: part < all ? `of ${FIGURE.format(all)} ${what}` : what }
}

function pingTile({ observations }: Report): readonly Tile[] {
  const pings = observations.flatMap((seen) =>
    seen.kind === 'ping' && seen.problem === undefined ? [seen] : [],
  )
  if (pings.length === 0) return []
  const sent = pings.reduce((sum, ping) => sum + ping.sent, 0)
  const received = pings.reduce((sum, ping) => sum + ping.received, 0)
  return [{ ...ofAll(received, sent, 'pings answered'), tone: received < sent ? 'bad' : 'good' }]
}

function tilesOf(report: Report): readonly Tile[] {
  const { hosts, causes, results, network } = report
  const read = hosts.filter(({ reachable }) => reachable).length
  const of = (severity: string): number => causes.filter((cause) => cause.severity === severity).length
  const [critical, warnings] = [of('critical'), of('warning')]
  const unjudged = results.filter(({ outcome }) => outcome === 'inconclusive' || outcome === 'error').length
  const passed = results.filter(({ outcome }) => outcome === 'pass').length
  return [
    { label: 'critical causes', figure: critical, tone: critical > 0 ? 'bad' : 'plain' },
    { label: 'warnings', figure: warnings, tone: warnings > 0 ? 'warn' : 'plain' },
    { ...ofAll(read, hosts.length, 'hosts read'), tone: read < hosts.length ? 'warn' : 'plain' },
    ...(network === null ? [] : [{ label: 'leases', figure: network.leases.length, tone: 'plain' as const }]),
    ...pingTile(report),
    { label: 'checks passed', figure: passed, tone: 'plain' },
    { label: 'undecided', figure: unjudged, tone: unjudged > 0 ? 'warn' : 'plain' },
  ]
}

/** Causes, hosts, pings and checks, each a figure with its name. */
export function tilesMarkup(report: Report): Markup {
  const tiles = tilesOf(report).map(
    ({ label, figure, tone }) =>
      html`<div class="tile ${tone}"><dt>${label}</dt><dd>${FIGURE.format(figure)}</dd></div>`,
  )
  return html`<dl class="tiles">${tiles}</dl>`
}
