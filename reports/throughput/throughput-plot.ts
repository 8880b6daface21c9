/** Bars as inline SVG: throughput, and round trip times with their tail. */
import { html, type Markup } from '../layout/html-template.ts'
import { isMeasured, type PairFigures } from './throughput.ts'
import { barsOf, mbitsText, roundTripRows } from './throughput-rows.ts'

const WIDTH = 720
const LABELS = 170
const FIGURES = 130
const ROW = 24
const BAR = 14
const PLOT = WIDTH - LABELS - FIGURES

/** Pixels of the scale below. */
const SCALE = 22

interface Line {
  readonly label: string
  readonly way: 'overlay' | 'underlay'
  readonly mark: Markup
  /** Where the words behind it begin, pixels. */
  readonly end: number
  readonly words: string
}

function lineMarkup({ label, mark, end, words }: Line, at: number): Markup {
  const y = at * ROW
  return html`
<text x="${LABELS - 10}" y="${y + 17}" text-anchor="end">${label}</text>
<g transform="translate(0 ${y})">${mark}</g>
<text x="${end + 8}" y="${y + 17}">${words}</text>`
}

function plot(title: string, lines: readonly Line[], ticks: readonly Markup[] = []): Markup {
  const height = lines.length * ROW + (ticks.length > 0 ? SCALE : 0)
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}"><svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}">
${ticks}<line class="axis" x1="${LABELS}" x2="${LABELS}" y1="0" y2="${lines.length * ROW}"/>${lines.map(lineMarkup)}
</svg></div>`
}

/** Throughput of a pair; `most` is the throughput of a bar over the whole width. */
export function throughputPlot(pair: PairFigures, most: number): Markup {
  const lines = barsOf(pair).map(({ label, way, mbits }): Line => {
    const width = (PLOT * Math.min(mbits, most)) / most
    return {
      label,
      way,
      mark: html`<rect class="${way}" x="${LABELS}" y="${(ROW - BAR) / 2}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
      end: LABELS + width,
      words: `${mbitsText(mbits)} Mbit/s`,
    }
  })
  return lines.length === 0 ? html`` : plot('Throughput', lines)
}

/** Shorter round trips stand at the axis, milliseconds. */
const SHORTEST = 0.001

/** Powers of ten around all of them: medians stay apart however far one of them lies out. */
function decades(values: readonly number[]): readonly number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) =>
    Math.log10(Math.max(value, SHORTEST)),
  )
  const first = Math.floor(least ?? 0)
  const last = Math.max(first + 1, Math.ceil(most ?? 0))
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
}

function tick(decade: number, x: number, rows: number): Markup {
  const words = decade >= 0 ? String(10 ** decade) : (10 ** decade).toFixed(-decade)
  return html`<line class="tick" x1="${x}" x2="${x}" y1="0" y2="${rows * ROW}"/><text class="dim" x="${x}" y="${rows * ROW + 16}" text-anchor="middle">${words} ms</text>
`
}

/** Round trips of a pair on a scale of powers of ten: the dot is the median, the line ends at the 99th percentile. */
export function roundTripPlot(pair: PairFigures): Markup {
  const measured = roundTripRows(pair).flatMap(({ label, way, trips }) =>
    isMeasured(trips) ? [{ label, way, p50: trips.p50, p99: trips.p99 }] : [],
  )
  if (measured.length === 0) return html``
  const scale = decades(measured.flatMap(({ p50, p99 }) => [p50, p99]))
  const [first = 0] = scale
  const at = (value: number): number =>
    LABELS + (PLOT * (Math.log10(Math.max(value, SHORTEST)) - first)) / (scale.length - 1)
  const lines = measured.map(({ label, way, p50, p99 }): Line => {
    const [from, to] = [at(p50).toFixed(1), at(p99).toFixed(1)]
    return {
      label,
      way,
      mark: html`<line class="tail" x1="${from}" x2="${to}" y1="${ROW / 2}" y2="${ROW / 2}"/><circle class="${way}" cx="${from}" cy="${ROW / 2}" r="5"/>`,
      end: LABELS + PLOT,
      words: `${p50.toFixed(2)} – ${p99.toFixed(2)} ms`,
    }
  })
  return plot(
    'Round trip times',
    lines,
    scale.map((decade) => tick(decade, at(10 ** decade), lines.length)),
  )
}
