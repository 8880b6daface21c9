/** Bars as inline SVG: throughput, and round trip times with their tail. */
import { html, type Markup } from './html-template.ts'
import { isMeasured, type PairFigures } from './throughput.ts'
import { barsOf, mbitsText, roundTripRows } from './throughput-rows.ts'

const WIDTH = 720
const LABELS = 170
const FIGURES = 130
const ROW = 24
const BAR = 14
const PLOT = WIDTH - LABELS - FIGURES

interface Line {
  readonly label: string
  readonly way: 'overlay' | 'underlay'
  readonly value: number
  /** Where a thin line from the end of the bar ends. */
  readonly tail?: number
  readonly words: string
}

/** Pixels, one digit. */
function px(value: number, most: number): string {
  return ((PLOT * Math.min(value, most)) / most).toFixed(1)
}

function tailOf({ value, tail }: Line, most: number, y: number): readonly Markup[] {
  if (tail === undefined || tail <= value) return []
  const [from, to] = [LABELS + Number(px(value, most)), LABELS + Number(px(tail, most))]
  return [html`<line class="tail" x1="${from}" x2="${to}" y1="${y + ROW / 2}" y2="${y + ROW / 2}"/>`]
}

function lineMarkup(line: Line, at: number, most: number): Markup {
  const y = at * ROW
  const end = LABELS + Number(px(Math.max(line.value, line.tail ?? 0), most)) + 8
  return html`
<text x="${LABELS - 10}" y="${y + 17}" text-anchor="end">${line.label}</text>
<rect class="${line.way}" x="${LABELS}" y="${y + (ROW - BAR) / 2}" width="${px(line.value, most)}" height="${BAR}" rx="2"/>${tailOf(line, most, y)}
<text x="${end}" y="${y + 17}">${line.words}</text>`
}

function plot(title: string, lines: readonly Line[], most: number): Markup {
  const height = lines.length * ROW
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}">
<line class="axis" x1="${LABELS}" x2="${LABELS}" y1="0" y2="${height}"/>${lines.map((line, at) => lineMarkup(line, at, most))}
</svg>`
}

/** Throughput of a pair; `most` is the throughput of a bar over the whole width. */
export function throughputPlot(pair: PairFigures, most: number): Markup {
  const lines = barsOf(pair).map(({ label, way, mbits }) => ({
    label,
    way,
    value: mbits,
    words: `${mbitsText(mbits)} Mbit/s`,
  }))
  return lines.length === 0 ? html`` : plot('Throughput', lines, most)
}

/** Round trips of a pair: the bar is the median, the line behind it goes to the 99th percentile. */
export function roundTripPlot(pair: PairFigures): Markup {
  const lines = roundTripRows(pair).flatMap(({ label, way, trips }) =>
    isMeasured(trips)
      ? [
          {
            label,
            way,
            value: trips.p50,
            tail: trips.p99,
            words: `${trips.p50.toFixed(2)} – ${trips.p99.toFixed(2)} ms`,
          },
        ]
      : [],
  )
  const most = Math.max(0.001, ...lines.map(({ tail }) => tail))
  return lines.length === 0 ? html`` : plot('Round trip times', lines, most)
}
