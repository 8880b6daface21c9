/** What a tap saw of our probe. */

import { present } from '../../../checks/model/present.ts'
import type { PacketPart } from '../../../checks/model/trace-observation.ts'
import { decode } from './decode.ts'
import type { TunnelPorts } from './decoding.ts'
import type { Frame } from './frame.ts'
import { firstLayer, type Icmp, type Ipv4, type Layer, lastLayer } from './layer.ts'
import type { ProbeMatch } from './probe-match.ts'

/** The packet around a tunnelled one. */
export interface Envelope {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly ttl: number
  /** Of vxlan. */
  readonly vni?: number
  readonly sourceMac?: string
  readonly destinationMac?: string
}

export interface Sighting {
  /** Identifier of the probe (the one we gave it, whatever the packet says). */
  readonly probe: number
  readonly part: PacketPart
  readonly sequence: number
  /** Milliseconds since 1970 by the clock of the tap's host. */
  readonly at: number
  /** Addresses, TTL and length of the ping itself, not of its envelope. */
  readonly source: string
  readonly destination: string
  readonly ttl: number
  readonly length: number
  /** ICMP identifier as seen: masquerading can change it. */
  readonly id?: number
  /** MAC addresses of the frame around the ping: inside vxlan those of the VTEPs. Absent on links without. */
  readonly sourceMac?: string
  readonly destinationMac?: string
  readonly envelope?: Envelope
  /** Of an error about the probe. */
  readonly error?: { readonly type: number; readonly code: number; readonly mtu?: number }
  /** First fragment of a packet that was cut in pieces. */
  readonly fragment?: true
}

function macs(layers: readonly Layer[]): { sourceMac?: string; destinationMac?: string } {
  const ethernet = lastLayer(layers, 'ethernet')
  return ethernet === undefined ? {} : { sourceMac: ethernet.source, destinationMac: ethernet.destination }
}

function envelopeOf(layers: readonly Layer[]): { envelope?: Envelope } {
  const tunnelAt = layers.findLastIndex(({ kind }) => kind === 'vxlan' || kind === 'flannel-udp')
  if (tunnelAt < 0) return {}
  const around = layers.slice(0, tunnelAt)
  const [ip, udp] = [lastLayer(around, 'ipv4'), lastLayer(around, 'udp')]
  if (ip === undefined || udp === undefined) return {}
  const { source, destination, ttl } = ip
  const { sourcePort, destinationPort } = udp
  const vxlan = firstLayer(layers.slice(tunnelAt), 'vxlan')
  const vni = vxlan === undefined ? {} : { vni: vxlan.vni }
  return { envelope: { source, destination, ttl, sourcePort, destinationPort, ...vni, ...macs(around) } }
}

function errorOf({ type, code, mtu }: Icmp): Pick<Sighting, 'error'> {
  return { error: { type, code, ...present({ mtu }) } }
}

/** Behind the tunnel, or everything where there is none: MAC addresses of the envelope are not the ping's. */
function innermost(layers: readonly Layer[]): readonly Layer[] {
  return layers.slice(layers.findLastIndex(({ kind }) => kind === 'vxlan' || kind === 'flannel-udp') + 1)
}

function describe(
  frame: Frame,
  layers: readonly Layer[],
  ip: Ipv4,
): Omit<Sighting, 'probe' | 'part' | 'sequence'> {
  const { source, destination, ttl, length, moreFragments } = ip
  const inner = innermost(layers)
  const id = lastLayer(inner, 'icmp')?.id
  return {
    at: frame.at,
    source,
    destination,
    ttl,
    length,
    ...present({ id }),
    ...macs(inner),
    ...envelopeOf(layers),
    ...(moreFragments && { fragment: true }),
  }
}

/** The sighting that a matched packet is; undefined when the packet cannot be decoded after all. */
export function sightingOf(
  frame: Frame,
  match: ProbeMatch & { readonly probe: number },
  ports: TunnelPorts,
): Sighting | undefined {
  const layers = decode(frame, ports)
  const [ip, icmp] = [lastLayer(layers, 'ipv4'), lastLayer(layers, 'icmp')]
  const { probe, part, sequence } = match
  if (ip === undefined) return undefined
  const seen = { probe, part, sequence, ...describe(frame, layers, ip) }
  if (part !== 'error') return seen
  return icmp && { ...seen, ...errorOf(icmp) }
}
