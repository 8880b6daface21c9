/** Every header, every link type, and octets that are neither. */
import test from 'ava'
import fc from 'fast-check'
import { decode } from './decode.ts'
import { DEFAULT_TUNNEL_PORTS } from './decoding.ts'
import { icmpPacket } from './echo-key.ts'
import { firstLayer, type Layer, lastLayer } from './layer.ts'
import { LINK_TYPE } from './link-layer.ts'
import { ipv6Text } from './octets.ts'
import {
  arp,
  be16,
  echo,
  ethernet,
  frameOf,
  icmp,
  ipv4,
  ipv6,
  MACS,
  type Octets,
  tcp,
  tunnelledPing,
  udp,
  vlan,
} from './packets-for-tests.ts'
import { matchProbe } from './probe-match.ts'

const kinds = (layers: readonly Layer[]): readonly string[] => layers.map(({ kind }) => kind)
const ping = ipv4(1, echo(8, [4660, 3]))

test('a ping in vxlan, with both of its packets', (t) => {
  const layers = decode(frameOf(tunnelledPing(echo(8, [4660, 3]), { ttl: 63 })))
  t.deepEqual(kinds(layers), ['ethernet', 'ipv4', 'udp', 'vxlan', 'ethernet', 'ipv4', 'icmp'])
  t.like(firstLayer(layers, 'ipv4'), { source: '192.0.2.11', destination: '192.0.2.12', dontFragment: true })
  t.like(lastLayer(layers, 'ipv4'), { source: '10.5.0.2', destination: '10.5.1.2', ttl: 63, length: 84 })
  t.like(firstLayer(layers, 'vxlan'), { vni: 1, flags: 8 })
  t.like(lastLayer(layers, 'ethernet'), MACS)
  t.like(lastLayer(layers, 'icmp'), { type: 8, id: 4660, sequence: 3 })
})

test('a ping of the udp backend, and its control messages', (t) => {
  const layers = decode(frameOf(ethernet(0x0800, ipv4(17, udp(8285, ping)))))
  t.deepEqual(kinds(layers), ['ethernet', 'ipv4', 'udp', 'flannel-udp', 'ipv4', 'icmp'])
  t.deepEqual(kinds(decode(frameOf(ethernet(0x0800, ipv4(17, udp(8285, [1, 2])))))), [
    'ethernet',
    'ipv4',
    'udp',
  ])
})

test('tunnels are opened on the given ports only', (t) => {
  const frame = frameOf(tunnelledPing(echo(8, [1, 1])))
  const layers = decode(frame, { vxlan: [4789], udp: [] })
  t.deepEqual(kinds(layers), ['ethernet', 'ipv4', 'udp'])
  t.is(icmpPacket(frame, { vxlan: [4789], udp: [] }), -1)
})

const COOKED: Octets = [...be16(4), ...be16(1), ...be16(6), 2, 2, 2, 2, 2, 2, 0, 0, ...be16(0x0800)]
const COOKED2: Octets = [...be16(0x0800), 0, 0, 0, 0, 0, 7, ...be16(1), 0, 6, 2, 2, 2, 2, 2, 2, 0, 0]
const LINKS: readonly (readonly [keyof typeof LINK_TYPE, Octets, readonly string[]])[] = [
  ['null', [2, 0, 0, 0], []],
  ['ethernet', ethernet(0x0800, []), ['ethernet']],
  ['rawOld', [], []],
  ['raw', [], []],
  ['loop', [0, 0, 0, 2], []],
  ['cooked', COOKED, ['cooked']],
  ['ipv4', [], []],
  ['cooked2', COOKED2, ['cooked']],
]
for (const [name, header, before] of LINKS) {
  test(`link type ${name}`, (t) => {
    const frame = frameOf([...header, ...ping], LINK_TYPE[name])
    t.deepEqual(kinds(decode(frame)), [...before, 'ipv4', 'icmp'])
    t.is(icmpPacket(frame, DEFAULT_TUNNEL_PORTS), frame.start + header.length)
  })
}

test('cooked captures: direction and link', (t) => {
  t.like(decode(frameOf([...COOKED, ...ping], LINK_TYPE.cooked))[0], { direction: 'from-us' })
  t.like(decode(frameOf([...COOKED2, ...ping], LINK_TYPE.cooked2))[0], { direction: 'to-us', ifindex: 7 })
})

test('VLAN tags, one and two', (t) => {
  const tagged = ethernet(0x88a8, vlan(0x2007, 0x8100, vlan(9, 0x0800, ping)))
  const layers = decode(frameOf(tagged))
  t.deepEqual(kinds(layers), ['ethernet', 'vlan', 'vlan', 'ipv4', 'icmp'])
  t.is(firstLayer(layers, 'vlan')?.id, 7)
  t.is(icmpPacket(frameOf(tagged), DEFAULT_TUNNEL_PORTS), 2 + 14 + 8)
})

test('IPv4 options and fragments', (t) => {
  const options = ipv4(1, echo(8, [5, 6]), { options: [1, 1, 1, 0, 1, 1, 1, 0] })
  t.like(lastLayer(decode(frameOf(ethernet(0x0800, options))), 'icmp'), { id: 5, sequence: 6 })
  const first = decode(frameOf(ethernet(0x0800, ipv4(1, echo(8, [5, 6]), { fragment: 0x2000 }))))
  t.like(lastLayer(first, 'ipv4'), { moreFragments: true, fragmentOffset: 0 })
  t.deepEqual(kinds(first), ['ethernet', 'ipv4', 'icmp'])
  const later = decode(frameOf(ethernet(0x0800, ipv4(1, echo(8, [5, 6]), { fragment: 0x00b9 }))))
  t.like(lastLayer(later, 'ipv4'), { moreFragments: false, fragmentOffset: 1480 })
  t.deepEqual(kinds(later), ['ethernet', 'ipv4'])
})

test('IPv6 behind extension headers', (t) => {
  const message = [128, 0, 0, 0, ...be16(5), ...be16(6)]
  const hopByHop = [44, 0, 0, 0, 0, 0, 0, 0]
  const fragment = [58, 0, 0, 1, 0, 0, 0, 9]
  const layers = decode(frameOf(ethernet(0x86dd, ipv6(0, [...hopByHop, ...fragment, ...message]))))
  t.deepEqual(kinds(layers), ['ethernet', 'ipv6', 'icmp6'])
  t.like(layers[1], { source: 'fd00::1', destination: 'fd00:1::2', protocol: 58 })
  t.like(layers[2], { type: 128, id: 5, sequence: 6 })
})

test('IPv6 addresses as RFC 5952 writes them', (t) => {
  const written = (...groups: number[]): string => ipv6Text(Uint8Array.from(groups.flatMap(be16)), 0)
  t.is(written(0, 0, 0, 0, 0, 0, 0, 0), '::')
  t.is(written(0, 0, 0, 0, 0, 0, 0, 1), '::1')
  t.is(written(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1), '2001:db8:0:1:1:1:1:1')
  t.is(written(0x2001, 0, 0, 1, 0, 0, 0, 1), '2001:0:0:1::1')
  t.is(written(0xfe80, 0, 0, 0, 0, 0, 0, 0), 'fe80::')
})

test('ARP, TCP and what is not known', (t) => {
  t.like(decode(frameOf(ethernet(0x0806, arp(1, '10.5.1.1', '10.5.1.2'))))[1], {
    operation: 1,
    sender: '10.5.1.1',
    target: '10.5.1.2',
    senderMac: MACS.source,
  })
  t.like(decode(frameOf(ethernet(0x0800, ipv4(6, tcp(0x12)))))[2], { sourcePort: 40_000, flags: 0x12 })
  t.like(decode(frameOf(ethernet(0x0800, ipv4(132, []))))[2], { kind: 'other', of: 'transport', number: 132 })
  t.like(decode(frameOf(ethernet(0x88cc, [])))[1], { kind: 'other', of: 'network', number: 0x88cc })
  t.like(decode(frameOf(ping, 147))[0], { kind: 'other', of: 'link', number: 147 })
})

test('"fragmentation needed" with its MTU and the packet it is about', (t) => {
  const layers = decode(frameOf(ethernet(0x0800, ipv4(1, icmp(3, 4, [0, 0, ...be16(1400), ...ping])))))
  const error = lastLayer(layers, 'icmp')
  t.like(error, { type: 3, code: 4, mtu: 1400 })
  t.deepEqual(kinds(error?.quoted ?? []), ['ipv4', 'icmp'])
})

/** Reads beyond the packet would show the octets behind it, and beyond the chunk `undefined` or NaN. */
const linkTypes = fc.constantFrom(...Object.values(LINK_TYPE), 147)
const seeds = [
  tunnelledPing(echo(8, [77, 4])),
  ethernet(0x86dd, ipv6(0, [60, 0, ...ping])),
  ethernet(0x0800, ipv4(1, icmp(3, 4, [0, 0, 5, 5, ...ping]))),
]
const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
    fc.nat(200),
  )
  .map(([seed, changes, length]) => {
    const octets = [...seed]
    for (const [at, octet] of changes) if (at < octets.length) octets[at] = octet
    return octets.slice(0, length)
  })
const hostile = fc.oneof(fc.array(fc.nat(255), { maxLength: 200 }), mutated)

test('any octets give layers, and none from outside the packet', (t) => {
  fc.assert(
    fc.property(hostile, linkTypes, (octets, linkType) => {
      const inside = frameOf(octets, linkType)
      const alone = { ...inside, bytes: Uint8Array.from(octets), start: 0, end: octets.length }
      const layers = JSON.stringify(decode(inside))
      t.is(layers, JSON.stringify(decode(alone)))
      t.notRegex(layers, /undefined|NaN|null/)
      const [here, there] = [inside, alone].map((frame) => icmpPacket(frame, DEFAULT_TUNNEL_PORTS))
      t.is(Math.max((here ?? 0) - 2, -1), there ?? 0)
      matchProbe(inside, { nonce: new Uint8Array(16).fill(1) }, DEFAULT_TUNNEL_PORTS)
    }),
    { numRuns: 5000 },
  )
})

test('a packet nested in itself without end comes to an end', (t) => {
  const tags = Array.from({ length: 500 }, () => vlan(1, 0x8100, [])).flat()
  const layers = decode(frameOf(ethernet(0x8100, tags)))
  t.true(layers.length < 30)
  t.is(layers.at(-1)?.kind, 'cut')
})
