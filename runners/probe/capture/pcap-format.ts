/** The classic pcap file as the IETF draft draft-ietf-opsawg-pcap describes it. */

/** Octets of the file header and of the header of each packet. */
export const FILE_HEADER = 24
export const RECORD_HEADER = 16
/** The longest packet a capture may hold: MAXIMUM_SNAPLEN of tcpdump. */
export const LONGEST_RECORD = 262_144

/** How the numbers of one file are written. */
export interface PcapNumbers {
  readonly littleEndian: boolean
  /** Units of the second half of a time stamp in one millisecond. */
  readonly unitsPerMs: 1_000 | 1_000_000
}

/** By the magic number, read as big-endian. */
const MAGICS: ReadonlyMap<number, PcapNumbers> = new Map([
  [0xa1b2c3d4, { littleEndian: false, unitsPerMs: 1_000 }],
  [0xd4c3b2a1, { littleEndian: true, unitsPerMs: 1_000 }],
  [0xa1b23c4d, { littleEndian: false, unitsPerMs: 1_000_000 }],
  [0x4d3cb2a1, { littleEndian: true, unitsPerMs: 1_000_000 }],
])

/** How the numbers of a file with this magic number are written; undefined when it is no pcap file. */
export function numbersOf(magic: number): PcapNumbers | undefined {
  return MAGICS.get(magic)
}
