/** The text of a kernel trace instance, as the kernel prints it (Documentation/trace/ftrace.rst). */
import { present } from '../../../checks/model/present.ts'

/** One event that concerns a packet. */
export interface PacketEvent {
  /** Seconds by the trace clock. */
  readonly time: number
  readonly event: string
  /** Address of the packet's buffer, hashed by the kernel and used again after it was freed. */
  readonly skb: string
  /** Of hop events. */
  readonly link?: string
  readonly length?: number
  /** Of drops: function in the kernel, without offset. */
  readonly location?: string
  readonly reason?: string
}

export interface TraceText {
  readonly events: readonly PacketEvent[]
  /** Wall clock minus trace clock in seconds, from the mark at the start; undefined when it was overwritten. */
  readonly offset?: number
  /** Events that the buffer had no room for. */
  readonly lost: number
}

const LINE = /^\s*.{1,16}-\d+\s+(?:\(\s*[\d-]+\)\s+)?\[\d+\]\s+\S+\s+(\d+\.\d+): (\w+): (.*)$/
const MARK = /^mark (\d+\.\d+)$/

function field(text: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(text)?.[1]
}

/** Reasons that the kernel printed as a number are named by its own table. */
function reasonIn(text: string, names: ReadonlyMap<number, string>): string | undefined {
  const word = /\sreason: (\S+)/.exec(text)?.[1]
  if (word === undefined) return undefined
  return /^(0x)?[0-9a-f]+$/.test(word) ? (names.get(Number(word)) ?? word) : word
}

function packetEvent(match: RegExpExecArray, names: ReadonlyMap<number, string>): PacketEvent | undefined {
  const [, time = '', event = '', text = ''] = match
  const skb = field(text, 'skbaddr')
  if (skb === undefined) return undefined
  const [link, length, place] = [field(text, 'dev'), field(text, 'len'), field(text, 'location')]
  const reason = reasonIn(text, names)
  return {
    time: Number(time),
    event,
    skb,
    ...present({ link }),
    ...(length !== undefined && { length: Number(length) }),
    ...(place !== undefined && { location: place.replace(/\+0x.*$/, '') }),
    ...present({ reason }),
  }
}

/** Reads a trace; lines that are not understood are left out. */
export function parseTrace(text: string, reasonNames: ReadonlyMap<number, string>): TraceText {
  const events: PacketEvent[] = []
  let offset: number | undefined
  let lost = 0
  for (const line of text.split('\n')) {
    const match = LINE.exec(line)
    if (match === null) {
      lost += Number(/^lost (\d+)$/.exec(line)?.[1] ?? 0)
      continue
    }
    const mark = match[2] === 'tracing_mark_write' ? MARK.exec(match[3] ?? '') : null
    if (mark !== null) offset = Number(mark[1]) - Number(match[1])
    const event = packetEvent(match, reasonNames)
    if (event !== undefined) events.push(event)
  }
  return { events, lost, ...present({ offset }) }
}

/** Number and name of each drop reason of the running kernel: they differ from release to release. */
export function reasonNames(format: string): ReadonlyMap<number, string> {
  const table = /__print_symbolic\(REC->reason,(.*)$/m.exec(format)?.[1] ?? ''
  const entries = [...table.matchAll(/\{ (\d+|0x[0-9a-f]+), "(\w+)" \}/g)]
  return new Map(entries.map(([, number, name = '']) => [Number(number), name]))
}
