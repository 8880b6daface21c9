/** Packets made octet by octet, header inside header. */
import type { Frame } from './frame.ts'
import { LINK_TYPE } from './link-layer.ts'

export type Octets = readonly number[]

export const be16 = (value: number): Octets => [(value >> 8) & 255, value & 255]
const be32 = (value: number): Octets => [...be16(value >>> 16), ...be16(value & 0xffff)]
const address4 = (text: string): Octets => text.split('.').map(Number)
const mac = (text: string): Octets => text.split(':').map((part) => Number.parseInt(part, 16))

const FILLING: Octets = Array<number>(56).fill(1)

export const MACS = { source: '02:42:0a:05:00:00', destination: '02:42:0a:05:01:00' }

export function ethernet(type: number, payload: Octets): Octets {
  return [...mac(MACS.destination), ...mac(MACS.source), ...be16(type), ...payload]
}

export function vlan(id: number, type: number, payload: Octets): Octets {
  return [...be16(id), ...be16(type), ...payload]
}

export interface Ipv4Fields {
  readonly source?: string
  readonly destination?: string
  readonly ttl?: number
  /** Flags and fragment offset as in the header. */
  readonly fragment?: number
  /** Octets of options, a multiple of four. */
  readonly options?: Octets
}

function checksum(octets: Octets): number {
  let sum = 0
  for (let i = 0; i < octets.length; i += 2) sum += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}

export function ipv4(protocol: number, payload: Octets, fields: Ipv4Fields = {}): Octets {
  const { source = '10.5.0.2', destination = '10.5.1.2', ttl = 64, fragment = 0x4000, options = [] } = fields
  const size = 20 + options.length
  const head = [
    0x40 + size / 4,
    0,
    ...be16(size + payload.length),
    ...be16(7),
    ...be16(fragment),
    ttl,
    protocol,
  ]
  const rest = [...address4(source), ...address4(destination), ...options]
  return [...head, ...be16(checksum([...head, 0, 0, ...rest])), ...rest, ...payload]
}

export function ipv6(next: number, payload: Octets): Octets {
  const source = [0xfd, 0, ...Array<number>(13).fill(0), 1]
  const destination = [0xfd, 0, 0, 1, ...Array<number>(11).fill(0), 2]
  return [0x60, 0, 0, 0, ...be16(payload.length), next, 64, ...source, ...destination, ...payload]
}

export function udp(destinationPort: number, payload: Octets): Octets {
  return [...be16(40_000), ...be16(destinationPort), ...be16(8 + payload.length), 0, 0, ...payload]
}

export function tcp(flags: number): Octets {
  return [...be16(40_000), ...be16(80), ...be32(1), ...be32(2), 0x50, flags, ...be16(64_240), 0, 0, 0, 0]
}

export function icmp(type: number, code: number, rest: Octets): Octets {
  return [type, code, ...be16(checksum([type, code, 0, 0, ...rest])), ...rest]
}

/** `at` is identifier and sequence number. */
export function echo(type: number, at: readonly [number, number], payload: Octets = FILLING): Octets {
  return icmp(type, 0, [...at.flatMap(be16), ...payload])
}

function vxlan(vni: number, frame: Octets): Octets {
  return [8, 0, 0, 0, ...be32(vni << 8), ...frame]
}

export function arp(operation: number, sender: string, target: string): Octets {
  return [
    ...[...be16(1), ...be16(0x0800), 6, 4, ...be16(operation)],
    ...[...mac(MACS.source), ...address4(sender), ...mac(MACS.destination), ...address4(target)],
  ]
}

/** A ping as vxlan carries it from host to host. */
export function tunnelledPing(message: Octets, fields: Ipv4Fields = {}): Octets {
  const inner = ethernet(0x0800, ipv4(1, message, fields))
  const outer = { source: '192.0.2.11', destination: '192.0.2.12' }
  return ethernet(0x0800, ipv4(17, udp(8472, vxlan(1, inner)), outer))
}

/** The octets as they would lie in a chunk of a capture: with others around them. */
export function frameOf(octets: Octets, linkType: number = LINK_TYPE.ethernet): Frame {
  const bytes = Uint8Array.from([0xaa, 0xbb, ...octets, 0xcc, 0xdd])
  return {
    bytes,
    start: 2,
    end: 2 + octets.length,
    at: 1_700_000_000_123.456,
    wireLength: octets.length,
    linkType,
  }
}
