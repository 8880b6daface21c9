/** What a tap lets through, as an expression of pcap-filter(7) made of numbers only. */
import type { TunnelPorts } from './decoding.ts'

/** Offsets from the UDP header: 8 of its own, VXLAN 8, Ethernet 14, then IPv4 with the protocol at 9. */
const INNER_TYPE = 8 + 8 + 12
const INNER_PROTOCOL = 8 + 8 + 14 + 9
/** The udp backend has the IPv4 header right behind UDP. */
const BARE_PROTOCOL = 8 + 9

function port(value: number): number {
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value
  throw new RangeError(`${value} is not a port`)
}

/**
 * ICMP and ARP, bare or inside the tunnel: the kernel passes over the rest of the traffic, so that a busy
 * link costs nothing and no packet is lost for want of room. Throws RangeError for what is no port.
 */
export function tapFilter(ports: TunnelPorts): string {
  const vxlan = ports.vxlan.map(
    (each) =>
      `(udp dst port ${port(each)} and (udp[${INNER_TYPE}:2] = 0x0806 or udp[${INNER_PROTOCOL}] = 1))`,
  )
  const bare = ports.udp.map((each) => `(udp dst port ${port(each)} and udp[${BARE_PROTOCOL}] = 1)`)
  return ['arp', 'icmp', ...vxlan, ...bare].join(' or ')
}
