/**
 * Ends on hosts that were not collected: their lease says where they are, so that the half of
 * the way that is known is walked. What comes from there is taken to be as flannel sends it.
 */
import { type ExpectedHost, type ExpectedLink, isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import { formatAddress } from '../../model/address.ts'
import type { Lease } from '../../model/lease.ts'
import { present } from '../../model/present.ts'
import { type HopParts, lose, type Outer, type Position, pass, type Walk } from '../walk/state.ts'
import { type HostView, viewOf } from '../walk/world.ts'

/** True when what goes to this underlay address is on its way to the end that was not collected. */
export function isForBeyond({ to }: Walk, address: number): boolean {
  return to.beyond?.publicIp === address
}

interface Entry {
  readonly link: string
  /** Absent where peers send without encapsulation. */
  readonly outer?: Outer
}

function outerOf(lease: Lease, size: number, own: { publicIp: number; port: number }): Outer {
  const { publicIp: destination, port } = own
  const base = { sender: formatAddress(lease.publicIp), link: '', source: lease.publicIp, destination, port }
  return { ...base, kind: 'udp', size, mayBeCut: true }
}

/** The inner frame as it must be for the receiver's link. */
function innerOf(host: HostView, link: ExpectedLink, lease: Lease): Outer['vxlan'] | undefined {
  const mac = host.links.get(link.name)?.mac
  if (link.vxlan === undefined || mac === undefined) return undefined
  const { vtepMac } = lease
  return { vni: link.vxlan.vni, mac, ...present({ sourceMac: vtepMac }) }
}

function encapsulated(
  { to, size }: Walk,
  { host, lease, expected }: { host: HostView; lease: Lease; expected: ExpectedHost },
): Entry | string {
  const { udpPort: port, link, externalLink } = expected
  if (externalLink === undefined) return `the external link of ${to.host} is not known`
  const isDirect = expected.peers.some((peer) => peer.lease === lease && peer.direct)
  if (isDirect || port === undefined || link === undefined) return { link: externalLink.name }
  const outer = outerOf(lease, size, { publicIp: expected.lease.publicIp, port })
  if (link.kind === 'tun') return { link: externalLink.name, outer }
  const vxlan = innerOf(host, link, lease)
  if (vxlan === undefined) return `${link.name} of ${to.host} is not known`
  return { link: externalLink.name, outer: { ...outer, kind: 'vxlan', mayBeCut: false, vxlan } }
}

/** Where the packet comes in, as the peer's flannel sends it; a sentence where that is not known. */
function entryOf(walk: Walk, lease: Lease): Entry | string {
  const host = viewOf(walk.world, walk.to.host)
  if ('absent' in host) return host.absent
  const expected = expectedHost(walk.world.snapshot, walk.to.host)
  return isExpected(expected) ? encapsulated(walk, { host, lease, expected }) : expected.reason
}

/** The packet of a host that was not collected, where it comes in at the host of its target. */
export function comeIn(walk: Walk, lease: Lease): Position | undefined {
  const { host } = walk.to
  const parts: HopParts = { stage: 'underlay', host }
  const entry = entryOf(walk, lease)
  if (typeof entry === 'string') return lose(walk, 'not-enough-facts', { ...parts, why: entry })
  pass(walk, { ...parts, link: entry.link })
  if (entry.outer === undefined) return { at: 'arrived', host, link: entry.link }
  return { at: 'carried', by: { host, link: entry.link }, outer: entry.outer }
}
