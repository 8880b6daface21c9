/** Reading and writing captures. */
import test from 'ava'
import fc from 'fast-check'
import type { Frame } from './frame.ts'
import { keepFrame } from './frame.ts'
import { echo, frameOf, tunnelledPing } from './packets-for-tests.ts'
import { type PcapReader, pcapReader } from './pcap-reader.ts'
import { pcapFile } from './pcap-writer.ts'

function readAll(chunks: readonly Uint8Array[]): { frames: readonly Frame[]; reader: PcapReader } {
  const frames: Frame[] = []
  const reader = pcapReader((frame) => frames.push(keepFrame(frame)))
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return { frames, reader }
}

const FRAMES = [1, 2, 3].map((sequence) => frameOf(tunnelledPing(echo(8, [77, sequence]))))
const FILE = pcapFile(1, FRAMES)

/** The same file as a machine of the other byte order, or with nanoseconds, writes it. */
function rewritten(magic: number, little: boolean, perMicrosecond: number): Uint8Array {
  const file = FILE.slice()
  const [from, to] = [new DataView(FILE.buffer), new DataView(file.buffer)]
  to.setUint32(0, magic)
  for (const at of [4, 6]) to.setUint16(at, from.getUint16(at, true), little)
  for (const at of [8, 12, 16, 20]) to.setUint32(at, from.getUint32(at, true), little)
  for (let at = 24; at < file.length; ) {
    const length = from.getUint32(at + 8, true)
    const fraction = from.getUint32(at + 4, true) * perMicrosecond
    to.setUint32(at, from.getUint32(at, true), little)
    to.setUint32(at + 4, fraction, little)
    for (const field of [8, 12]) to.setUint32(at + field, from.getUint32(at + field, true), little)
    at += 16 + length
  }
  return file
}

for (const [name, magic, little, perMicrosecond] of [
  ['microseconds, big-endian', 0xa1b2c3d4, false, 1],
  ['microseconds, little-endian', 0xd4c3b2a1, true, 1],
  ['nanoseconds, big-endian', 0xa1b23c4d, false, 1000],
  ['nanoseconds, little-endian', 0x4d3cb2a1, true, 1000],
] as const) {
  test(`a file of ${name}`, (t) => {
    const { frames, reader } = readAll([rewritten(magic, little, perMicrosecond)])
    t.is(reader.problem, undefined)
    t.is(reader.linkType, 1)
    t.deepEqual(
      frames.map(({ at }) => Math.round(at * 1000)),
      FRAMES.map(({ at }) => Math.round(at * 1000)),
    )
    t.deepEqual(
      frames.map(({ bytes }) => bytes),
      FRAMES.map((frame) => keepFrame(frame).bytes),
    )
  })
}

test('packets do not depend on how the bytes arrive', (t) => {
  const whole = readAll([FILE]).frames
  fc.assert(
    fc.property(fc.array(fc.nat(FILE.length), { maxLength: 12 }), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), FILE.length]
      const chunks = edges.slice(1).map((edge, i) => FILE.subarray(edges[i], edge))
      const { frames, reader } = readAll(chunks)
      t.deepEqual(frames, whole)
      t.is(reader.problem, undefined)
    }),
  )
})

test('a capture that ends early says so, and gives what came before', (t) => {
  for (const [length, problem, count] of [
    [0, 'the capture has no header', 0],
    [23, 'the capture has no header', 0],
    [24, undefined, 0],
    [30, 'the capture ends inside a packet', 0],
    [FILE.length - 1, 'the capture ends inside a packet', 2],
  ] as const) {
    const { frames, reader } = readAll([FILE.subarray(0, length)])
    t.is(reader.problem, problem)
    t.is(frames.length, count)
  }
})

test('what is no capture, and a length no packet has, stop the reading', (t) => {
  t.regex(readAll([Buffer.from('<html>this is not a capture</html>')]).reader.problem ?? '', /not a pcap/)
  const damaged = FILE.slice()
  new DataView(damaged.buffer).setUint32(24 + 8, 0x7fff_ffff, true)
  const { frames, reader } = readAll([damaged, FILE])
  t.is(frames.length, 0)
  t.regex(reader.problem ?? '', /packet 1 claims to have 2147483647 bytes/)
})

test('any bytes behind a header are read without an exception', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (chunks) => {
      const { reader } = readAll([FILE.subarray(0, 24), ...chunks])
      t.true(reader.count >= 0)
    }),
  )
})
