/** What a tap lets through, as an expression of pcap-filter(7) made of numbers only. */
import { PROTOCOL } from './decode-transport.ts'
import type { TunnelPorts } from './decoding.ts'
import type { ProbeIdentity } from './probe-identity.ts'

/** Offsets from the UDP header: 8 of its own, VXLAN 8, Ethernet 14, then IPv4 with the protocol at 9. */
const INNER_TYPE = 8 + 8 + 12
const INNER_PROTOCOL = 8 + 8 + 14 + 9
/** The udp backend has the IPv4 header right behind UDP. */
const BARE_PROTOCOL = 8 + 9
/** What is behind an inner IPv4 header without options. */
const INNER_TRANSPORT = 8 + 8 + 14 + 20
const BARE_TRANSPORT = 8 + 20

function port(value: number): number {
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value
  throw new RangeError(`${value} is not a port`)
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`
}

/** Our own packets among those of a protocol; `at` reads octets from the transport header on. */
function ourPackets({ packet, nonce }: Pick<ProbeIdentity, 'packet' | 'nonce'>, at: ReadOctets): string {
  if (packet?.protocol === 'tcp')
    return [4, 8].map((field) => `${at(field, 4)} & 0xfffffff0 = ${hex(packet.sequence)}`).join(' or ')
  const source = port(packet?.sourcePort ?? 0)
  const ports = [0, 2].map((field) => `${at(field, 2)} = ${source}`)
  return [`${at(8, 4)} = ${hex(Buffer.from(nonce).readUInt32BE(0))}`, ...ports].join(' or ')
}

type ReadOctets = (offset: number, octets: number) => string

/** Bare and in either tunnel: a packet that is sent in place of a ping, and its answers. */
function packetFilters(ports: TunnelPorts, probe: ProbeIdentity): readonly string[] {
  const { packet } = probe
  if (packet === undefined) return []
  const number = PROTOCOL[packet.protocol]
  const inUdp = (start: number, protocolAt: number) => (each: number) =>
    `(udp dst port ${port(each)} and udp[${protocolAt}] = ${number} and (${ourPackets(probe, (offset, octets) => `udp[${start + offset}:${octets}]`)}))`
  const bare = ourPackets(probe, (offset, octets) => `${packet.protocol}[${offset}:${octets}]`)
  return [
    `(${packet.protocol} and (${bare}))`,
    ...ports.vxlan.map(inUdp(INNER_TRANSPORT, INNER_PROTOCOL)),
    ...ports.udp.map(inUdp(BARE_TRANSPORT, BARE_PROTOCOL)),
  ]
}

/**
 * ICMP and ARP and the probes' own packets, bare or inside the tunnel: the kernel passes over the rest of the traffic, so
 * that a busy link costs nothing and no packet is lost for want of room. Throws RangeError for what is no port.
 */
export function tapFilter(ports: TunnelPorts, probes: readonly ProbeIdentity[] = []): string {
  const vxlan = ports.vxlan.map(
    (each) =>
      `(udp dst port ${port(each)} and (udp[${INNER_TYPE}:2] = 0x0806 or udp[${INNER_PROTOCOL}] = 1))`,
  )
  const bare = ports.udp.map((each) => `(udp dst port ${port(each)} and udp[${BARE_PROTOCOL}] = 1)`)
  return ['arp', 'icmp', ...vxlan, ...bare, ...probes.flatMap((probe) => packetFilters(ports, probe))].join(
    ' or ',
  )
}
