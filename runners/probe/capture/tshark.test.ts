/** The decoder and tshark say the same of the same packets: made ones, and real ones from a lab. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { type LabPath, pathOf } from '../kernel/path-for-tests.ts'
import { decode } from './decode.ts'
import { type Frame, keepFrame } from './frame.ts'
import type { Icmp, Layer } from './layer.ts'
import {
  arp,
  be16,
  echo,
  ethernet,
  frameOf,
  icmp,
  ipv4,
  ipv6,
  tcp,
  tunnelledPing,
  udp,
  vlan,
} from './packets-for-tests.ts'
import { pcapReader } from './pcap-reader.ts'
import { pcapFile } from './pcap-writer.ts'
import { isListening } from './tcpdump-messages.ts'

const compared = needs(test, 'tshark')
const live = needs(test.serial, 'tshark', 'root', 'netns', 'etcd', 'flanneld')

/** All layers, those of a quoted packet behind the error's own. */
function flat(layers: readonly Layer[]): readonly Layer[] {
  return layers.flatMap((layer) => [layer, ...flat(layer.kind === 'icmp' ? (layer.quoted ?? []) : [])])
}

type Values = readonly (string | number | undefined)[]
const of = <K extends Layer['kind']>(
  kind: K,
  value: (layer: Extract<Layer, { kind: K }>) => string | number | undefined,
): ((layers: readonly Layer[]) => Values) => {
  const isKind = (layer: Layer): layer is Extract<Layer, { kind: K }> => layer.kind === kind
  return (layers) => layers.filter(isKind).map(value)
}
const ofEcho = (value: (layer: Icmp) => number | undefined) => of('icmp', value)

/** tshark's name of a field, and ours; both give one value per header of the packet (offsets in units of 8). */
const FIELDS: readonly (readonly [string, (layers: readonly Layer[]) => Values])[] = [
  ['eth.src', of('ethernet', ({ source }) => source)],
  ['vlan.id', of('vlan', ({ id }) => id)],
  ['arp.src.proto_ipv4', of('arp', ({ sender }) => sender)],
  ['arp.dst.proto_ipv4', of('arp', ({ target }) => target)],
  ['ip.src', of('ipv4', ({ source }) => source)],
  ['ip.dst', of('ipv4', ({ destination }) => destination)],
  ['ip.ttl', of('ipv4', ({ ttl }) => ttl)],
  ['ip.len', of('ipv4', ({ length }) => length)],
  ['ip.frag_offset', of('ipv4', ({ fragmentOffset }) => fragmentOffset / 8)],
  ['ipv6.src', of('ipv6', ({ source }) => source)],
  ['udp.dstport', of('udp', ({ destinationPort }) => destinationPort)],
  ['tcp.srcport', of('tcp', ({ sourcePort }) => sourcePort)],
  ['vxlan.vni', of('vxlan', ({ vni }) => vni)],
  ['icmp.type', ofEcho(({ type }) => type)],
  ['icmp.code', ofEcho(({ code }) => code)],
  ['icmp.ident', ofEcho(({ id }) => id)],
  ['icmp.mtu', ofEcho(({ mtu }) => mtu)],
]

async function dissected(file: string): Promise<readonly (readonly string[])[]> {
  const names = FIELDS.flatMap(([name]) => ['-e', name])
  const options = ['-d', 'udp.port==8472,vxlan', '-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE']
  const shape = ['-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=a', '-E', 'aggregator=,']
  const { stdout } = await run(['tshark', '-n', '-r', file, ...options, ...shape, ...names], {
    timeoutMs: 60_000,
  })
  const lines = Buffer.from(stdout).toString('utf8').trimEnd().split('\n')
  return lines.map((line) => line.split('|'))
}

/** tshark writes some numbers in hexadecimal, and an echo's identifier a second time in the other byte order. */
function theirs(name: string, text: string): readonly string[] {
  const values = text === '' ? [] : text.split(',')
  const once = name === 'icmp.ident' ? values.filter((_, i) => i % 2 === 0) : values
  return once.map((value) => (value.startsWith('0x') ? String(Number(value)) : value))
}

async function compare(t: ExecutionContext, file: string): Promise<number> {
  const frames: Frame[] = []
  const reader = pcapReader((frame) => frames.push(keepFrame(frame)))
  reader.push(readFileSync(file))
  reader.end()
  const rows = await dissected(file)
  t.is(rows.length, frames.length)
  for (const [i, frame] of frames.entries()) {
    const layers = flat(decode(frame))
    for (const [k, [name, values]] of FIELDS.entries()) {
      const ours = values(layers).filter((value) => value !== undefined)
      t.deepEqual(ours.map(String), theirs(name, rows[i]?.[k] ?? ''), `packet ${i + 1}, ${name}`)
    }
  }
  return frames.length
}

async function withFile(use: (file: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tshark-test-'))
  try {
    await use(join(directory, 'packets.pcap'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const ping = ipv4(1, echo(8, [4660, 3]))
const MADE = [
  tunnelledPing(echo(8, [4660, 3]), { ttl: 63 }),
  tunnelledPing(echo(0, [4660, 3]), { options: [1, 1, 1, 1] }),
  ethernet(0x8100, vlan(0x2007, 0x0800, ping)),
  ethernet(0x0806, arp(1, '10.5.1.1', '10.5.1.2')),
  ethernet(0x0800, ipv4(6, tcp(2))),
  ethernet(0x0800, ipv4(17, udp(53_000, [1, 2, 3]))),
  ethernet(0x0800, ipv4(1, icmp(3, 4, [0, 0, ...be16(1400), ...ping]))),
  ethernet(0x0800, ipv4(1, echo(8, [5, 6]), { fragment: 0x2000 })),
  ethernet(0x0800, ipv4(1, echo(8, [5, 6]), { fragment: 0x00b9 })),
  ethernet(0x86dd, ipv6(0, [17, 0, 0, 0, 0, 0, 0, 0, ...udp(53_000, [1, 2])])),
  ethernet(0x86dd, ipv6(58, [128, 0, 0, 0, ...be16(5), ...be16(6)])),
]

compared('packets made octet by octet', async (t) => {
  await withFile(async (file) => {
    const frames = MADE.map((octets) => frameOf(octets))
    writeFileSync(file, pcapFile(1, frames))
    t.is(await compare(t, file), MADE.length)
  })
})

/** Traffic of every kind that a healthy lab has. */
const TRAFFIC = `
ping -n -c 3 -i 0.05 -W 1 "$1"; ping -n -c 1 -W 1 -s 1300 "$1"; ping -n -c 1 -W 1 -s 4000 "$1"
ping -n -c 1 -W 1 -M do -s 1400 -t 1 "$1"
for port in 7 9; do timeout 1 sh -c "exec 3<>/dev/tcp/$1/$port"; done; exit 0
`

/** What tcpdump writes while that traffic passes a link of the first host. */
async function captured(path: LabPath, link: string): Promise<Buffer> {
  const capture = await path.hosts[0].open(['tcpdump', '-U', '--immediate-mode', '-i', link, '-w', '-'])
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  const words = (async () => {
    for await (const chunk of capture.stderr) if (isListening(Buffer.from(chunk).toString())) resolve()
  })()
  const packets: Uint8Array[] = []
  const read = (async () => {
    for await (const chunk of capture.stdout) packets.push(chunk)
  })()
  await listening
  await path.containers[0].run(['bash', '-c', TRAFFIC, 'bash', path.addresses[1]])
  await capture.stop()
  await Promise.all([words, read])
  return Buffer.concat(packets)
}

for (const [backend, link] of [
  ['vxlan', 'eth0'],
  ['vxlan', 'any'],
  ['udp', 'flannel0'],
  ['host-gw', 'docker0'],
] as const) {
  live(`real packets of ${backend} on ${link}`, async (t) => {
    await withLab({ hosts: 2, backend }, async (lab) => {
      const path = pathOf(lab)
      const file = `${lab.directory}/real.pcap`
      writeFileSync(file, await captured(path, link))
      t.true((await compare(t, file)) > 10)
    })
  })
}
