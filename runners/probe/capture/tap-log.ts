/** What one tap has seen so far: our probes, its controls, and the ARP around them. */

import { decode } from './decode.ts'
import type { TunnelPorts } from './decoding.ts'
import { type Frame, keepFrame } from './frame.ts'
import { lastLayer } from './layer.ts'
import { ETHERTYPE, LINK_TYPE } from './link-layer.ts'
import { ipv4Text, u16 } from './octets.ts'
import { pcapFile } from './pcap-writer.ts'
import type { ProbeIdentity } from './probe-identity.ts'
import { matchProbe } from './probe-match.ts'
import { type Sighting, sightingOf } from './sighting.ts'

/** What the taps of one trace look for. */
export interface Watch {
  readonly probes: readonly ProbeIdentity[]
  readonly ports: TunnelPorts
  /** IPv4 addresses; ARP that asks for one of them or comes from one is kept. */
  readonly addresses?: readonly string[]
}

export interface ArpSighting {
  readonly at: number
  readonly operation: 'asks' | 'answers'
  readonly sender: string
  readonly senderMac: string
  readonly target: string
}

export interface TapLog {
  readonly sightings: readonly Sighting[]
  readonly arps: readonly ArpSighting[]
  /** Identifiers of the controls seen. */
  readonly controls: ReadonlySet<number>
  take(frame: Frame): void
  /** The packets that were seen, as a pcap file; undefined when there were none. */
  proof(): Uint8Array | undefined
}

/** A probe is a handful of packets; a loop in the network must not fill memory. */
const MOST_KEPT = 256
const ARP_LENGTH = 14 + 28

function isArp({ bytes, start, end, linkType }: Frame): boolean {
  return (
    linkType === LINK_TYPE.ethernet && start + ARP_LENGTH <= end && u16(bytes, start + 12) === ETHERTYPE.arp
  )
}

function arpSighting(frame: Frame, ports: TunnelPorts): ArpSighting | undefined {
  const arp = lastLayer(decode(frame, ports), 'arp')
  if (arp === undefined) return undefined
  const { sender, senderMac, target } = arp
  return { at: frame.at, operation: arp.operation === 1 ? 'asks' : 'answers', sender, senderMac, target }
}

/** An empty log; `controls` are the identities whose packets only prove that the tap works. */
export function tapLog(watch: Watch, controls: readonly ProbeIdentity[]): TapLog {
  const { probes, ports } = watch
  const addresses = new Set(watch.addresses)
  const sightings: Sighting[] = []
  const arps: ArpSighting[] = []
  const seenControls = new Set<number>()
  const kept: Frame[] = []
  const keep = (frame: Frame): void => void kept.push(keepFrame(frame))

  const takeArp = (frame: Frame): void => {
    const { bytes, start } = frame
    const [sender, target] = [ipv4Text(bytes, start + 28), ipv4Text(bytes, start + 38)]
    if (!addresses.has(sender) && !addresses.has(target)) return
    const arp = arpSighting(frame, ports)
    if (arp === undefined) return
    arps.push(arp)
    keep(frame)
  }
  const takeProbe = (frame: Frame): void => {
    for (const probe of probes) {
      const match = matchProbe(frame, probe, ports)
      const sighting = match && sightingOf(frame, { ...match, probe: probe.id }, ports)
      if (sighting === undefined) continue
      sightings.push(sighting)
      keep(frame)
      return
    }
    for (const control of controls) if (matchProbe(frame, control, ports)) seenControls.add(control.id)
  }
  return {
    sightings,
    arps,
    controls: seenControls,
    take: (frame) => {
      if (kept.length >= MOST_KEPT) return
      if (isArp(frame)) takeArp(frame)
      else takeProbe(frame)
    },
    proof: () => {
      const [first] = kept
      return first && pcapFile(first.linkType, kept)
    },
  }
}
