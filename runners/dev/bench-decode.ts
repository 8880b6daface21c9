/**
 * The decoder beside tcpdump and tshark on 200,000 pings in vxlan. tcpdump prints a text per packet and we do
 * not, so two figures are ours: finding each packet's inner ping (what a trace does), and decoding every layer.
 */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../hosts/command/spawn.ts'
import { decode } from '../probe/capture/decode.ts'
import { DEFAULT_TUNNEL_PORTS } from '../probe/capture/decoding.ts'
import { echoKey, icmpPacket } from '../probe/capture/echo-key.ts'
import type { Frame } from '../probe/capture/frame.ts'
import { echo, tunnelledPing } from '../probe/capture/packets-for-tests.ts'
import { pcapReader } from '../probe/capture/pcap-reader.ts'
import { pcapFile } from '../probe/capture/pcap-writer.ts'
import { commandPath } from '../setup/search-path.js'
import { skipped } from './measure.ts'

const PACKETS = 200_000
const ROUNDS = 5
/** One turn of Node's thread pool per chunk, which on a busy machine is longer than decoding 64 KiB. */
const CHUNK = 1_048_576

/** Offset of identifier and sequence number in such a packet: 50 octets of envelope, Ethernet 14, IPv4 20, ICMP 4. */
const KEY_AT = 50 + 14 + 20 + 4

function pings(): readonly Frame[] {
  const template = Uint8Array.from(tunnelledPing(echo(8, [0, 0])))
  return Array.from({ length: PACKETS }, (_, i) => {
    const bytes = template.slice()
    new DataView(bytes.buffer).setUint32(KEY_AT, i)
    const at = 1_700_000_000_000 + i / 100
    return { bytes, start: 0, end: bytes.length, at, wireLength: bytes.length, linkType: 1 }
  })
}

async function read(file: string, take: (frame: Frame) => void): Promise<number> {
  const startedAt = performance.now()
  const reader = pcapReader(take)
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) reader.push(chunk as Uint8Array)
  reader.end()
  if (reader.count !== PACKETS) throw new Error(`${reader.count} packets read: ${reader.problem}`)
  return performance.now() - startedAt
}

async function findPings(file: string): Promise<number> {
  const foundAt = new Float64Array(PACKETS)
  const ms = await read(file, (frame) => {
    const network = icmpPacket(frame, DEFAULT_TUNNEL_PORTS)
    if (network >= 0) foundAt[echoKey(frame.bytes, network)] = frame.at
  })
  if (foundAt.includes(0)) throw new Error(`ping ${foundAt.indexOf(0)} was not found`)
  return ms
}

async function decodeAll(file: string): Promise<number> {
  let layers = 0
  const ms = await read(file, (frame) => {
    layers += decode(frame).length
  })
  if (layers !== PACKETS * 7) throw new Error(`${layers} layers decoded`)
  return ms
}

async function command(words: string, file: string): Promise<number> {
  const result = await run(['sh', '-c', `${words} >/dev/null`, 'sh', file], { timeoutMs: 120_000 })
  if (!('exit' in result.end) || result.end.exit !== 0) throw new Error(`${words}: ${result.stderr}`)
  return result.ms
}

async function least(work: () => Promise<number>, rounds: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < rounds; i++) best = Math.min(best, await work())
  return best
}

const OTHERS = [
  { name: 'tcpdump', words: 'tcpdump -n -r "$1"', rounds: ROUNDS, aim: 5 },
  {
    name: 'tshark',
    words: 'tshark -r "$1" -d udp.port==8472,vxlan -T fields -e ip.src -e ip.dst -e icmp.ident -e icmp.seq',
    rounds: 1,
    aim: undefined,
  },
] as const

/** Prints how many times as fast as each of the others the decoder is; one that is not installed is skipped. */
export async function benchDecode(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-decode-'))
  try {
    const file = join(directory, 'pings.pcap')
    writeFileSync(file, pcapFile(1, pings()))
    const [find, all] = [
      await least(() => findPings(file), ROUNDS),
      await least(() => decodeAll(file), ROUNDS),
    ]
    for (const { name, words, rounds, aim } of OTHERS) {
      const what = `decoding ${PACKETS} pings in vxlan beside ${name}`
      if (commandPath(name) === undefined) {
        skipped(what, `${name} is not installed`)
        continue
      }
      const theirs = await least(() => command(words, file), rounds)
      const [finding, decoding] = [(theirs / find).toFixed(1), (theirs / all).toFixed(1)]
      const wanted = aim === undefined ? '' : `; aim at least ${aim}`
      console.log(
        `${what}: ${finding} times as fast at finding them, ${decoding} at every layer (${find.toFixed(0)} and ${all.toFixed(0)} ms beside ${theirs.toFixed(0)} ms${wanted})`,
      )
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
