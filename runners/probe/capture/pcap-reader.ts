/** Reads a capture as it arrives, chunk by chunk; never throws and never buffers more than one packet. */
import type { Frame } from './frame.ts'
import { FILE_HEADER, LONGEST_RECORD, numbersOf, type PcapNumbers, RECORD_HEADER } from './pcap-format.ts'

export interface PcapReader {
  /** Takes the next bytes. After a problem, further bytes are ignored. */
  push(chunk: Uint8Array): void
  /** Says that no more comes: a packet begun and not ended becomes the problem. */
  end(): void
  /** LINKTYPE_ number; undefined until the file header was read. */
  readonly linkType: number | undefined
  /** Packets given so far. */
  readonly count: number
  /** Why reading stopped, in words. */
  readonly problem: string | undefined
}

interface FileHeader extends PcapNumbers {
  readonly linkType: number
}

const NOTHING = new Uint8Array(0)

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function fileHeader(bytes: Uint8Array): FileHeader | undefined {
  const view = viewOf(bytes)
  const numbers = numbersOf(view.getUint32(0))
  if (numbers === undefined) return undefined
  // The upper half of the field holds the length of the frame check sequence, not the link type.
  return { ...numbers, linkType: view.getUint32(20, numbers.littleEndian) & 0xffff }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

interface Reading {
  readonly take: (frame: Frame) => void
  header: FileHeader | undefined
  count: number
  problem: string | undefined
}

/** Gives the whole packets in `bytes` from `offset` on and says where the first incomplete one begins. */
function takePackets(reading: Reading, bytes: Uint8Array, offset: number): number {
  const { littleEndian: little = true, linkType = 0, unitsPerMs = 1000 } = reading.header ?? {}
  const view = viewOf(bytes)
  let at = offset
  while (at + RECORD_HEADER <= bytes.length) {
    const length = view.getUint32(at + 8, little)
    if (length > LONGEST_RECORD) {
      reading.problem = `packet ${reading.count + 1} claims to have ${length} bytes: the capture is damaged`
      break
    }
    const start = at + RECORD_HEADER
    const end = start + length
    if (end > bytes.length) break
    const time = view.getUint32(at, little) * 1000 + view.getUint32(at + 4, little) / unitsPerMs
    reading.count++
    reading.take({ bytes, start, end, at: time, wireLength: view.getUint32(at + 12, little), linkType })
    at = end
  }
  return at
}

/** Reads what has come and gives the bytes that wait for more. */
function takeBytes(reading: Reading, bytes: Uint8Array): Uint8Array {
  let offset = 0
  if (reading.header === undefined) {
    if (bytes.length < FILE_HEADER) return bytes
    reading.header = fileHeader(bytes)
    offset = FILE_HEADER
    if (reading.header === undefined) reading.problem = 'not a pcap capture: unknown magic number'
  }
  if (reading.problem === undefined) offset = takePackets(reading, bytes, offset)
  // A copy of the few bytes left, so that the chunk they came in can be freed.
  return reading.problem === undefined ? bytes.slice(offset) : NOTHING
}

/** A reader that calls `take` with each whole packet; the frame is valid until the call returns (see `keepFrame`). */
export function pcapReader(take: (frame: Frame) => void): PcapReader {
  const reading: Reading = { take, header: undefined, count: 0, problem: undefined }
  let rest: Uint8Array = NOTHING
  return {
    push: (chunk) => {
      if (reading.problem === undefined) rest = takeBytes(reading, joined(rest, chunk))
    },
    end: () => {
      if (reading.problem !== undefined || (rest.length === 0 && reading.header !== undefined)) return
      reading.problem =
        reading.header === undefined ? 'the capture has no header' : 'the capture ends inside a packet'
    },
    get linkType() {
      return reading.header?.linkType
    },
    get count() {
      return reading.count
    },
    get problem() {
      return reading.problem
    },
  }
}
