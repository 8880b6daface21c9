/**
 * Framing of one round trip. Every section begins and ends with a mark on stdout and on
 * stderr, so that output and status stay apart without temporary files on the host:
 * `\nTOKEN begin NAME\n` … `\nTOKEN end NAME STATUS\n`. The token is random per trip, so
 * no output of a host can contain a mark.
 */
import { randomBytes } from 'node:crypto'
import type { SectionEnd } from './section.ts'

/** What one stream carried for one section; `end` is absent when the stream stopped inside it. */
export interface Frame {
  readonly name: string
  readonly text: string
  readonly end?: SectionEnd
}

export interface Mark {
  readonly kind: 'begin' | 'end'
  readonly name: string
  readonly status: string
}

interface PlacedMark extends Mark {
  /** Where the mark's leading newline stands, and where the byte after the mark is. */
  readonly from: number
  readonly to: number
}

const NEWLINE = 10
const LONGEST_MARK = 256

/** 128 random bits, hexadecimal. */
export function frameToken(): string {
  return randomBytes(16).toString('hex')
}

/** The two mark lines of a section, as printed. */
export function formatMark(token: string, mark: Mark): string {
  return `\n${[token, mark.kind, mark.name, mark.status].filter((word) => word !== '').join(' ')}\n`
}

/** The word that stands for a section's end in its mark. */
export function endWord(end: SectionEnd): string {
  if ('exit' in end) return String(end.exit)
  return 'timedOut' in end ? 'timed-out' : 'truncated'
}

function parseEnd(word: string): SectionEnd {
  if (word === 'timed-out') return { timedOut: true }
  return /^\d{1,3}$/.test(word) ? { exit: Number(word) } : { truncated: true }
}

function* marksIn(bytes: Buffer, token: string): Generator<PlacedMark> {
  const start = Buffer.from(`\n${token} `)
  for (let from = bytes.indexOf(start); from >= 0; from = bytes.indexOf(start, from + start.length)) {
    const lineEnd = bytes.indexOf(NEWLINE, from + start.length)
    if (lineEnd < 0) return
    const [kind, name = '', status = ''] = bytes.toString('latin1', from + start.length, lineEnd).split(' ')
    if (kind === 'begin' || kind === 'end') yield { kind, name, status, from, to: lineEnd + 1 }
  }
}

/** Splits one stream into its frames; text outside every frame is dropped. */
export function parseFrames(stream: Uint8Array | string, token: string): Frame[] {
  const bytes = Buffer.from(stream as Uint8Array)
  const frames: Frame[] = []
  let open: PlacedMark | undefined
  for (const mark of marksIn(bytes, token)) {
    if (mark.kind === 'begin') open = mark
    else if (open !== undefined && open.name === mark.name) {
      const text = bytes.toString('utf8', open.to, Math.max(open.to, mark.from))
      frames.push({ name: mark.name, text, end: parseEnd(mark.status) })
      open = undefined
    }
  }
  if (open !== undefined) frames.push({ name: open.name, text: bytes.toString('utf8', open.to) })
  return frames
}

/** Reads marks out of a stream as it arrives, however it is cut into chunks. */
export function watchMarks(token: string, onMark: (mark: Mark) => void): (chunk: Uint8Array) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    let done = 0
    for (const mark of marksIn(rest, token)) {
      onMark(mark)
      // The newline that closes one mark may open the next.
      done = mark.to - 1
    }
    rest = rest.subarray(Math.max(done, rest.length - LONGEST_MARK))
  }
}
