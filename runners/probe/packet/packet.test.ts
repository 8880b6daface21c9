/** Packets made octet by octet are what the kernel and a decoder take them for, and answers are told apart. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test from 'ava'
import { localRunner } from '../../hosts/local.ts'
import { needs } from '../../test-needs.ts'
import { decode } from '../capture/decode.ts'
import { LINK_TYPE } from '../capture/link-layer.ts'
import { newPacketIdentity, type SentPacket } from '../capture/probe-identity.ts'
import { buildPacket } from './build-packet.ts'
import { parseAnswers } from './parse-answers.ts'
import { sendPackets } from './send-packets.ts'

const HERE = '127.0.0.1'
const TCP: SentPacket = { protocol: 'tcp', sourcePort: 40_000, destinationPort: 80, sequence: 0x12345670 }
const UDP: SentPacket = { ...TCP, protocol: 'udp', destinationPort: 53 }
const NONCE = new Uint8Array(16).fill(7)
const ENDS = { source: '10.5.1.2', destination: '10.5.2.2', size: 72 }
const asRoot = needs(test.serial, 'root', 'perl')

const layersOf = (octets: Buffer) =>
  decode({
    bytes: octets,
    start: 0,
    end: octets.length,
    linkType: LINK_TYPE.raw,
    at: 0,
    wireLength: octets.length,
  })

test('a SYN and a datagram as a decoder reads them', (t) => {
  const [ip, tcp] = layersOf(buildPacket({ ...TCP, nonce: NONCE }, 2, ENDS))
  t.like(ip, {
    kind: 'ipv4',
    source: '10.5.1.2',
    destination: '10.5.2.2',
    length: 72,
    dontFragment: true,
    ttl: 64,
  })
  t.like(tcp, { kind: 'tcp', sourcePort: 40_000, destinationPort: 80, sequence: 0x12345672, flags: 2 })
  const [, udp] = layersOf(buildPacket({ ...UDP, nonce: NONCE }, 1, { ...ENDS, size: 101 }))
  t.like(udp, { kind: 'udp', sourcePort: 40_000, destinationPort: 53, length: 81 })
})

test('what cannot be a packet is refused', (t) => {
  const build = (packet: SentPacket, ends: Partial<typeof ENDS>) => () =>
    buildPacket({ ...packet, nonce: NONCE }, 1, { ...ENDS, ...ends })
  t.throws(build(TCP, { size: 66 }), { instanceOf: RangeError })
  t.throws(build(TCP, { size: 84 }), { instanceOf: RangeError })
  t.throws(build(UDP, { size: 44 }), { instanceOf: RangeError })
  t.throws(build(UDP, { source: 'h1' }), { instanceOf: TypeError })
})

/** An IPv4 packet of the target with what is behind its header. */
function got(protocol: number, rest: readonly number[], source = [10, 5, 2, 2]): string {
  const head = [0x45, 0, 0, 60, 0, 0, 0, 0, 62, protocol, 0, 0, ...source, 10, 5, 1, 2]
  return `got ${Buffer.from([...head, ...rest]).toString('hex')}\n`
}

const PORTS = [0, 80, 0x9c, 0x40]
const ackOf = (low: number, flags: number): readonly number[] => [
  ...[...PORTS, 9, 9, 9, 9, 0x12, 0x34, 0x56, low],
  ...[0x50, flags, 0, 0, 0, 0, 0, 0],
]
const icmp = (type: number, code: number): readonly number[] => [type, code, 0, 0, 0, 0, 5, 0x14, ...PORTS]
const ROUTER = [10, 5, 2, 0]

test('answers and refusals are told apart', (t) => {
  const table = [
    [TCP, 'sent\nsent\n', 2, 0, undefined],
    [TCP, `sent\n${got(6, ackOf(0x72, 0x12))}sent\n${got(6, ackOf(0x73, 0x12))}`, 2, 2, 'open'],
    [TCP, `sent\n${got(6, ackOf(0x72, 0x14))}`, 1, 1, 'closed'],
    [TCP, `sent\n${got(6, ackOf(0x79, 0x14))}`, 1, 0, undefined],
    [TCP, `sent\n${got(1, icmp(3, 3), ROUTER)}`, 1, 0, 'unreachable 10.5.2.0'],
    [TCP, `sent\n${got(1, icmp(3, 13), ROUTER)}`, 1, 0, 'filtered 10.5.2.0'],
    [TCP, `sent\n${got(1, icmp(3, 4), ROUTER)}`, 1, 0, 'too-long 10.5.2.0'],
    [UDP, `sent\n${got(1, icmp(3, 3))}`, 1, 1, 'closed'],
    [UDP, `sent\n${got(1, icmp(3, 3), ROUTER)}`, 1, 0, 'unreachable 10.5.2.0'],
    [UDP, `sent\n${got(17, [0, 53, 0x9c, 0x40, 0, 8, 0, 0])}`, 1, 1, 'open'],
    [UDP, 'unsent Operation not permitted\n', 1, 0, 'not-permitted '],
    [UDP, 'got zz\ngot 45\nsocket: Operation not permitted', 0, 0, undefined],
  ] as const
  for (const [packet, words, sent, received, is] of table) {
    const { ping, answer } = parseAnswers(words, { packet, destination: ENDS.destination, count: 2 })
    const error = ping.error && `${ping.error.kind} ${ping.error.by ?? ''}`
    t.deepEqual([ping.sent, ping.received, answer ?? error], [sent, received, is], words)
  }
})

asRoot('open and closed ports of this machine answer', async (t) => {
  const tcp = createServer((socket) => socket.destroy())
  const udp = createSocket('udp4')
  await Promise.all([
    once(tcp.listen(0, HERE), 'listening'),
    new Promise<void>((resolve) => udp.bind(0, HERE, resolve)),
  ])
  const open = { tcp: (tcp.address() as { port: number }).port, udp: udp.address().port }
  const ask = async (protocol: 'tcp' | 'udp', port: number) => {
    const { packet = TCP, nonce } = newPacketIdentity(protocol, port)
    const job = { packet: { ...packet, nonce }, count: 2, source: '127.0.0.2', destination: HERE, size: 64 }
    const { ping, answer } = await sendPackets(localRunner('here'), job, new AbortController().signal)
    return [ping.sent, ping.received, answer]
  }
  t.deepEqual(await ask('tcp', open.tcp), [2, 2, 'open'])
  t.deepEqual(await ask('tcp', 1), [2, 2, 'closed'])
  t.deepEqual(await ask('udp', 1), [2, 2, 'closed'])
  t.deepEqual(await ask('udp', open.udp), [2, 0, undefined])
  tcp.close()
  udp.close()
})
