/** A followed ping for a terminal: one sentence, and the way of each direction with a mark at every link. */

import type { Report, ReportHop, ReportTrace } from '../document/report.ts'
import { type Canvas, row, style } from '../layout/canvas.ts'
import { printable } from '../layout/printable.ts'
import { endName } from './end-name.ts'

/** Reasons for what was not observed that are printed one by one. */
const REASONS_SHOWN = 6
const UNBROKEN = '\u00a0'
const MARKS = { seen: '●', missed: '○', unknown: '·', lost: '✗', underlay: '≈' } as const

function ms(value: number): string {
  return value.toFixed(value < 10 ? 3 : 1)
}

function hopText(hop: ReportHop, before: ReportHop | undefined): string {
  const isSameEnd = before !== undefined && endName(before) === endName(hop)
  const mark = hop.seen === undefined ? MARKS.unknown : hop.seen ? MARKS.seen : MARKS.missed
  const where = isSameEnd ? '' : `${endName(hop)} `
  const gap = before?.stage === 'underlay' && hop.stage === 'underlay' ? `${MARKS.underlay} ` : ''
  return `${gap}${where}${mark} ${hop.link}`
}

/** Where the drop mark stands: behind the last link that saw the packet, without any in front of the predicted drop. */
export function dropAt({ ends, hops, lastSeen }: ReportTrace): number {
  if (ends === 'delivered') return -1
  if (lastSeen !== undefined) return lastSeen + 1
  const drop = hops.findIndex(({ predicted }) => predicted === ends)
  const missed = hops.findIndex(({ seen }) => seen === false)
  return drop >= 0 ? drop : Math.max(missed, 0)
}

function picture(trace: ReportTrace): string {
  const at = dropAt(trace)
  const words: string[] = []
  let before: ReportHop | undefined
  for (const [index, hop] of trace.hops.entries()) {
    if (index === at) words.push(MARKS.lost)
    if (hop.link === undefined || isSameLink(hop, before)) continue
    words.push(hopText(hop, before).replaceAll(' ', UNBROKEN))
    before = hop
  }
  if (at >= trace.hops.length) words.push(MARKS.lost)
  return words.join(' ')
}

/** The way in one line: every link with the mark of what was seen there, and the mark where the packet was lost. */
export function pathText(trace: ReportTrace): string {
  return picture(trace).replaceAll(UNBROKEN, ' ')
}

/** A mark and its link stay on one line. */
function pictureLines(trace: ReportTrace, canvas: Canvas): string[] {
  return row(trace.direction, picture(trace), canvas).map((line) => line.replaceAll(UNBROKEN, ' '))
}

function isSameLink(hop: ReportHop, before: ReportHop | undefined): boolean {
  return before !== undefined && before.link === hop.link && endName(before) === endName(hop)
}

function timeLines(trace: ReportTrace, canvas: Canvas): string[] {
  const times = trace.hops.flatMap((hop, index) =>
    hop.link === undefined || hop.at === undefined || isSameLink(hop, trace.hops[index - 1])
      ? []
      : [`${hop.link}${UNBROKEN}${ms(hop.at)}`],
  )
  if (times.length < 2) return []
  return row('', `ms: ${times.join(', ')}`, canvas).map((line) => line.replaceAll(UNBROKEN, ' '))
}

/** The kernel's word for the loss, and where. */
export function droppedText({ dropReason, droppedIn, rule }: ReportTrace): string | undefined {
  if (dropReason === undefined && droppedIn === undefined) return rule
  const parts = [
    dropReason ?? 'dropped',
    ...(droppedIn?.host === undefined ? [] : [`on ${droppedIn.host}`]),
    ...(droppedIn?.link === undefined ? [] : [`behind ${droppedIn.link}`]),
    ...(droppedIn === undefined ? [] : [`in ${droppedIn.location}`]),
  ]
  return `${parts.join(' ')}${rule === undefined ? '' : `; ${rule}`}`
}

/** `first` is the size of the first ping that was followed: a picture of another says so. */
function directionLines(trace: ReportTrace, first: number, canvas: Canvas): string[] {
  const dropped = droppedText(trace)
  const { size } = trace.ping
  return [
    ...(size === first ? [] : row('', `${size} bytes:`, canvas)),
    ...pictureLines(trace, canvas),
    ...timeLines(trace, canvas),
    ...(trace.ends === 'delivered'
      ? []
      : row('', `${trace.ends}, ${trace.agreement}: ${trace.says}`, canvas)),
    ...(dropped === undefined ? [] : row('kernel', dropped, canvas)),
    ...(trace.engines === undefined ? [] : row('engines', trace.engines, canvas)),
    ...(trace.next === undefined ? [] : row('decide', trace.next, canvas)),
  ]
}

type PingWords = Pick<ReportTrace, 'packet' | 'ping' | 'ends'>

/** What an answer says of the port. */
function portText({ packet, ping, ends }: PingWords): string {
  if (packet === undefined) return ''
  const isDelivered = ends === 'delivered'
  if (packet.answer === 'closed')
    return isDelivered ? '; nothing listens on the port' : ', by a filter on the way that refuses them'
  const isSilent = isDelivered && packet.protocol === 'udp' && ping.received === 0
  return isSilent ? '; a program need not answer a datagram' : ''
}

function sentText({ packet, ping }: Pick<ReportTrace, 'packet' | 'ping'>): string {
  if (packet === undefined) return `pings of ${ping.size} bytes`
  const what = packet.protocol === 'tcp' ? 'TCP connections' : `UDP datagrams of ${ping.size} bytes`
  return `${what} to port ${packet.destinationPort}`
}

/** How many were answered, how fast, and what was said instead. */
export function pingText(trace: PingWords): string {
  const { ping } = trace
  if (ping.problem) return `no ${trace.packet ? 'packet' : 'ping'} was sent: ${ping.problem.detail}`
  const times = ping.rttMs ? `, round trip ${ping.rttMs.min} to ${ping.rttMs.max} ms` : ''
  const error = ping.error ? `; ${ping.error.by ?? 'the kernel'} says: ${ping.error.text}` : ''
  return `${ping.received} of ${ping.sent} ${sentText(trace)} answered${times}${error}${portText(trace)}`
}

function countersText({ counters }: ReportTrace): string {
  return counters.map(({ host, counter, by }) => `${host} ${counter} +${by}`).join(', ')
}

function notObservedLines({ notObserved }: ReportTrace, canvas: Canvas): string[] {
  const lines = notObserved
    .slice(0, REASONS_SHOWN)
    .map(({ rung, where, reason }) => `${rung} ${where}: ${reason}`)
  const rest = notObserved.length - lines.length
  const all = rest > 0 ? [...lines, `and ${rest} more`] : lines
  return all.flatMap((line, index) => row(index === 0 ? 'unseen' : '', line, canvas))
}

function lostWord({ ends, endsTake }: ReportTrace): string {
  if (endsTake !== undefined) return 'TOO LARGE'
  return ends === 'captured' ? 'CAPTURED' : 'LOST'
}

function notTracedHeadlines({ notTraced = [] }: Report, canvas: Canvas): string[] {
  return notTraced.map(({ source, target, reason }) => {
    const line = `the ping from ${source} to ${target} could not be followed: ${reason}`
    return `${style('NOT SENT', 'yellow', canvas.color)}  ${printable(line, 1000)}`
  })
}

/** The first line: the direction that was lost, or that the ping was answered. Empty without a trace. */
export function traceHeadline(report: Report, canvas: Canvas): string[] {
  const { traces } = report
  const [first] = traces
  if (first === undefined) return notTracedHeadlines(report, canvas)
  const lost = traces.find(({ ends }) => ends !== 'delivered')
  const isUntold = first.ping.sent === 0
  const word = isUntold ? 'NOT SENT' : lost ? lostWord(lost) : 'DELIVERED'
  const paint = isUntold || lost?.endsTake !== undefined ? 'yellow' : lost ? 'red' : 'green'
  const ends = `${endName(first.from)} to ${endName(first.to)}`
  const line = lost && !isUntold ? lost.says : `${ends}: ${pingText(first)}`
  return [`${style(word, paint, canvas.color)}  ${printable(line, 1000)}`]
}

/** The traces: pictures of the way, kernel words, counters and what could not be observed. */
export function traceLines({ traces }: Report, canvas: Canvas): string[] {
  const [first] = traces
  if (first === undefined) return []
  return [
    ...traces.flatMap((trace) => directionLines(trace, first.ping.size, canvas)),
    ...row(first.packet === undefined ? 'ping' : first.packet.protocol, pingText(first), canvas),
    ...(first.fullPing === undefined
      ? []
      : row('', pingText({ ping: first.fullPing, ends: first.ends }), canvas)),
    ...(first.counters.length === 0 ? [] : row('counters', countersText(first), canvas)),
    ...(first.evidenceFrom.length === 0 ? [] : row('shown by', first.evidenceFrom.join(', '), canvas)),
    ...notObservedLines(first, canvas),
    '',
  ]
}

/** Lost pings that probes found and that were followed: the way of each with a mark at every link. */
export function followedLines({ traces }: Report, canvas: Canvas): string[] {
  const lost = traces.filter(({ ends }) => ends !== 'delivered')
  return lost.flatMap((trace) => [
    ...row('followed', `${trace.ping.size} bytes: ${trace.says}`, canvas),
    ...pictureLines(trace, canvas),
    '',
  ])
}
