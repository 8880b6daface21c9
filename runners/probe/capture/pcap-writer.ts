/** Writes the packets that prove a verdict as a pcap file that Wireshark and tcpdump read. */
import type { Frame } from './frame.ts'
import { FILE_HEADER, LONGEST_RECORD, RECORD_HEADER } from './pcap-format.ts'

const MICROSECONDS_MAGIC = 0xa1b2c3d4
/** Version 2.4 of the format, the only one in use. */
const VERSION = { major: 2, minor: 4 }

function writeHeader(view: DataView, linkType: number): void {
  view.setUint32(0, MICROSECONDS_MAGIC, true)
  view.setUint16(4, VERSION.major, true)
  view.setUint16(6, VERSION.minor, true)
  view.setUint32(16, LONGEST_RECORD, true)
  view.setUint32(20, linkType, true)
}

/** A whole file with these packets in their order; a pcap file has one link type, so each frame must be of it. */
export function pcapFile(linkType: number, frames: readonly Frame[]): Uint8Array {
  const size = frames.reduce((sum, { start, end }) => sum + RECORD_HEADER + end - start, FILE_HEADER)
  const file = new Uint8Array(size)
  const view = new DataView(file.buffer)
  writeHeader(view, linkType)
  let offset = FILE_HEADER
  for (const { bytes, start, end, at, wireLength } of frames) {
    const microseconds = Math.round(at * 1000)
    view.setUint32(offset, Math.floor(microseconds / 1_000_000), true)
    view.setUint32(offset + 4, microseconds % 1_000_000, true)
    view.setUint32(offset + 8, end - start, true)
    view.setUint32(offset + 12, wireLength, true)
    file.set(bytes.subarray(start, end), offset + RECORD_HEADER)
    offset += RECORD_HEADER + end - start
  }
  return file
}
