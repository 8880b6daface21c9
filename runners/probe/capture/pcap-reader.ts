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

/** A reader that calls `take` with each whole packet; the frame is valid until the call returns (see `keepFrame`). */
export function pcapReader(take: (frame: Frame) => void): PcapReader {
  let rest: Uint8Array = NOTHING
  let header: FileHeader | undefined
  let count = 0
  let problem: string | undefined

  /** Gives the packets in `bytes` from `offset` and says where the first incomplete one begins. */
  const packets = (bytes: Uint8Array, offset: number, file: FileHeader): number => {
    const view = viewOf(bytes)
    const little = file.littleEndian
    let at = offset
    while (at + RECORD_HEADER <= bytes.length) {
      const length = view.getUint32(at + 8, little)
      if (length > LONGEST_RECORD) {
        problem = `packet ${count + 1} claims to have ${length} bytes: the capture is damaged`
        break
      }
      const start = at + RECORD_HEADER
      const end = start + length
      if (end > bytes.length) break
      const time = view.getUint32(at, little) * 1000 + view.getUint32(at + 4, little) / file.unitsPerMs
      const wireLength = view.getUint32(at + 12, little)
      count++
      take({ bytes, start, end, at: time, wireLength, linkType: file.linkType })
      at = end
    }
    return at
  }

  const push = (chunk: Uint8Array): void => {
    if (problem !== undefined) return
    const bytes = joined(rest, chunk)
    rest = bytes
    if (header === undefined) {
      if (bytes.length < FILE_HEADER) return
      header = fileHeader(bytes)
      if (header === undefined) problem = 'not a pcap capture: unknown magic number'
      else rest = bytes.subarray(packets(bytes, FILE_HEADER, header))
    } else {
      rest = bytes.subarray(packets(bytes, 0, header))
    }
    // A copy of the few bytes left, so that the chunk they came in can be freed.
    rest = problem === undefined ? rest.slice() : NOTHING
  }
  return {
    push,
    end: () => {
      if (problem !== undefined || (rest.length === 0 && header !== undefined)) return
      problem = header === undefined ? 'the capture has no header' : 'the capture ends inside a packet'
      rest = NOTHING
    },
    get linkType() {
      return header?.linkType
    },
    get count() {
      return count
    },
    get problem() {
      return problem
    },
  }
}
