/** What a link does with a packet that leaves by it, and who is at the other end. */
import { type Attachment, attachments } from '../../expected/bridge-port.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { containsAddress } from '../../model/address.ts'
import type { Link } from '../../model/link.ts'
import type { Walk } from './state.ts'
import { type HostView, type Owner, underlayOwners } from './world.ts'

/** `containers`: a bridge of containers, or a container's own port. */
export type Carrier = 'vxlan' | 'udp' | 'containers' | 'underlay' | 'unfollowed'

/** Kinds of links that carry packets as they are; hardware has no kind. */
const PLAIN: ReadonlySet<string | undefined> = new Set([
  undefined,
  'veth',
  'vlan',
  'bond',
  'team',
  'macvlan',
  'ipvlan',
])

const attached = new WeakMap<HostView, readonly Attachment[]>()

/** How the containers of a host hang on its links; the same list on every call. */
export function attachmentsOf(host: HostView): readonly Attachment[] {
  const found =
    attached.get(host) ?? attachments([...host.links.values()], knownValue(host.facts.containers) ?? [])
  attached.set(host, found)
  return found
}

function isContainerPort(host: HostView, link: Link): boolean {
  const containers = knownValue(host.facts.containers) ?? []
  return attachments([link], containers).length > 0
}

/** A bridge is an underlay link where the next hop is another host's address, or one beyond it is asked for. */
function bridgeCarrier(walk: Walk, host: HostView, nextHop: number): Carrier {
  const isPeer = underlayOwners(walk.world, nextHop).some((owner) => owner.host !== host.name)
  return isPeer || nextHop !== walk.destination ? 'underlay' : 'containers'
}

/** How a link carries a packet to its next hop. */
export function carrierOf(
  walk: Walk,
  host: HostView,
  { link, nextHop }: { readonly link: Link; readonly nextHop: number },
): Carrier {
  if (link.kind === 'vxlan') return 'vxlan'
  if (isTun(link)) return 'udp'
  if (link.kind === 'bridge') return bridgeCarrier(walk, host, nextHop)
  if (isContainerPort(host, link)) return 'containers'
  return PLAIN.has(link.kind) ? 'underlay' : 'unfollowed'
}

/** flannel's tun link; older iproute2 does not tell its kind. */
export function isTun({ name, kind }: Link): boolean {
  return /^flannel\d+$/.test(name) && (kind === undefined || kind === 'tun')
}

/** `beyond`: a host or a router that the snapshot does not show. */
export type Receivers = readonly Owner[] | 'beyond' | 'nobody'

function isLeased(walk: Walk, address: number): boolean {
  const { leases } = walk.world.snapshot.datastore
  return !leases.known || leases.value.leases.some(({ publicIp }) => publicIp === address)
}

function isOverlay(walk: Walk, address: number): boolean {
  const { config } = walk.world.snapshot.datastore
  return !config.known || containsAddress(config.value.network, address)
}

/** Who takes a packet that goes to `nextHop` on the underlay. */
export function receiversOf(walk: Walk, nextHop: number): Receivers {
  const owners = underlayOwners(walk.world, nextHop)
  if (owners.length > 0) return owners
  if (isLeased(walk, nextHop)) return 'beyond'
  if (isOverlay(walk, walk.destination)) return 'nobody'
  const last = underlayOwners(walk.world, walk.destination)
  return last.length > 0 ? last : 'beyond'
}
