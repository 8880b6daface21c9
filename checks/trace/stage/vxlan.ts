/** The vxlan link sends: neighbour entry, FDB entry, then the packet is put into an outer one. */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { VXLAN_OVERHEAD } from '../../expected/constants.ts'
import { isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { containsAddress, formatAddress, parseAddress } from '../../model/address.ts'
import { type FdbEntry, fdbDestination } from '../../model/fdb.ts'
import type { Lease } from '../../model/lease.ts'
import type { Link } from '../../model/link.ts'
import { present } from '../../model/present.ts'
import { entriesFor } from '../walk/fdb.ts'
import { headersOf } from '../walk/filters.ts'
import { tooBig } from '../walk/mtu.ts'
import { hasFailed, neighbourOf, neighbourText } from '../walk/neighbours.ts'
import {
  type HopParts,
  isFree,
  type Kept,
  lose,
  type Outer,
  type Position,
  type Problem,
  pass,
  type Walk,
} from '../walk/state.ts'
import { keptByTc, onLink } from '../walk/traffic-control.ts'
import { absence, type HostView, line, viewOf } from '../walk/world.ts'
import { deadLink } from './stray-link.ts'

/** A vxlan link that is to send to a next hop. */
interface Sending {
  readonly link: Link
  readonly nextHop: number
}

function leaseOf(walk: Walk, address: number): Lease | undefined {
  return knownValue(walk.world.snapshot.datastore.leases)?.leases.find(({ subnet }) =>
    containsAddress(subnet, address),
  )
}

/**
 * Without an entry: flannel before v0.9.0 is asked by the kernel and answers from the lease
 * (`pkg/backend/vxlan`, L3 miss); later designs write entries beforehand, and nobody answers.
 */
function onDemand(walk: Walk, host: HostView, { link, nextHop }: Sending): { mac: string } | Problem {
  const address = formatAddress(nextHop)
  const missing: Problem = ['no-neighbour', `no entry for ${address} on ${link.name}`]
  const { flanneld } = host.facts
  const expected = expectedHost(walk.world.snapshot, host.name)
  if (isExpected(expected) && expected.generation.vxlan === 'per-peer') return missing
  if (flanneld.known && flanneld.value.processes.length === 0) return missing
  if (!isExpected(expected))
    return ['not-enough-facts', `${missing[1]}, and it is not known who answers: ${expected.reason}`]
  if (!flanneld.known)
    return ['not-enough-facts', `${missing[1]}, and flanneld was not read: ${flanneld.detail}`]
  const mac = leaseOf(walk, nextHop)?.vtepMac
  return mac === undefined ? ['no-neighbour', `${missing[1]} and no lease for it`] : { mac }
}

/** The MAC the frame is sent to, with the entry that names it. */
function resolve(walk: Walk, host: HostView, to: Sending): { mac: string; text?: string } | Problem {
  const absent = absence(host, 'neighbours')
  if (absent !== undefined) return ['not-enough-facts', absent]
  const entry = neighbourOf(host, to.link.name, to.nextHop)
  if (entry?.mac !== undefined && !hasFailed(entry)) return { mac: entry.mac, text: neighbourText(entry) }
  const found = onDemand(walk, host, to)
  if (entry === undefined || 'mac' in found) return found
  return [found[0], `${neighbourText(entry)}: nobody answers`]
}

function fdbText(entry: FdbEntry): string {
  const to = fdbDestination(entry)
  return `${entry.mac} dev ${entry.link}${to === undefined ? '' : ` dst ${to}`} ${entry.state}`.trim()
}

/** The entry that takes every frame without one of its own; flannel writes none. */
const DEFAULT_MAC = '00:00:00:00:00:00'

/** The first entry of the link that leads to an underlay address. */
function entryFor(host: HostView, link: string, mac: string): FdbEntry | undefined {
  const leads = (entry: FdbEntry): boolean => entry.link === link && fdbDestination(entry) !== undefined
  return entriesFor(host, mac).find(leads) ?? entriesFor(host, DEFAULT_MAC).find(leads)
}

/** True when the MAC is one that the peer has or had by its lease, so that the entry itself is in order. */
function isPeers(walk: Walk, nextHop: number, mac: string): boolean {
  const lease = leaseOf(walk, nextHop)
  if (lease === undefined || lease.vtepMac === mac) return true
  const name = clusterIdentity(walk.world.snapshot).hostByLease.get(lease)
  const peer = name === undefined ? undefined : viewOf(walk.world, name)
  if (peer === undefined || 'absent' in peer) return false
  return [...peer.links.values()].some((link) => link.kind === 'vxlan' && link.mac === mac)
}

/** The outer packet, or the hop at which there is none. */
function encapsulated(
  host: HostView,
  link: Link,
  { mac, entry }: { mac: string; entry: FdbEntry },
): Omit<Outer, 'size' | 'mayBeCut'> | Problem {
  const { vxlan } = link
  const destination = parseAddress(entry.destination ?? '')
  if (vxlan === undefined) return ['not-enough-facts', `the attributes of ${link.name} are not known`]
  if (destination === undefined)
    return ['not-enough-facts', `the FDB entry leads to ${fdbDestination(entry)}, which is no IPv4 address`]
  const source = vxlan.local === undefined ? undefined : parseAddress(vxlan.local)
  if (source !== undefined && !host.local.has(source))
    return ['no-route', `${link.name} sends from ${vxlan.local}, which is no address of ${host.name}`]
  return {
    kind: 'vxlan',
    sender: host.name,
    link: link.name,
    ...present({ source }),
    destination,
    port: entry.port ?? vxlan.port,
    ...present({ ttl: vxlan.ttl, underlay: vxlan.underlay, via: entry.via }),
    vxlan: { vni: entry.vni ?? vxlan.vni, mac, ...present({ sourceMac: link.mac }) },
  }
}

/** Checked before the neighbour is looked up, as the kernel does when it forwards. */
function unsendable(walk: Walk, host: HostView, link: Link): Kept | undefined {
  const dead = deadLink(link)
  if (dead !== undefined) return { problem: dead, link: link.name }
  const problem = tooBig(walk, link)
  if (problem !== undefined) return { problem }
  return keptByTc(host, onLink(walk, link.name, 'egress'))
}

/** The frame with the MAC it is sent to, as the neighbour entry has it; undefined when there is no frame. */
function addressed(walk: Walk, host: HostView, to: Sending): string | undefined {
  const hop: HopParts = { stage: 'neighbour', host: host.name }
  const found = resolve(walk, host, to)
  if (!('mac' in found)) return lose(walk, found[0], { ...hop, why: found[1] })
  const { mac, text } = found
  const { name } = to.link
  const used = text === undefined ? [] : [line(host, 'neighbours', text)]
  const isUnknown = host.facts.fdb.known && entryFor(host, name, mac) === undefined
  if (isUnknown && !isPeers(walk, to.nextHop, mac)) {
    const why = `${mac} is not the MAC of the host behind ${formatAddress(to.nextHop)}`
    return lose(walk, 'wrong-neighbour', { ...hop, link: name, used, why })
  }
  const why = text === undefined ? { why: `flanneld answers with ${mac}` } : {}
  pass(walk, { ...hop, link: name, used, ...why })
  return mac
}

/** The underlay address that the FDB has for a MAC; undefined when the frame ends here. */
function forwardedTo(
  walk: Walk,
  host: HostView,
  { link, mac }: { link: Link; mac: string },
): FdbEntry | undefined {
  const hop: HopParts = { stage: 'fdb', host: host.name }
  const absent = absence(host, 'fdb')
  if (absent !== undefined) return lose(walk, 'not-enough-facts', { ...hop, why: absent })
  const entry = entryFor(host, link.name, mac)
  if (entry === undefined) return lose(walk, 'no-fdb', { ...hop, why: `no entry for ${mac} on ${link.name}` })
  pass(walk, { ...hop, used: [line(host, 'fdb', fdbText(entry))] })
  return entry
}

/** Sends by a vxlan link, up to the outer packet. */
export function sendByVxlan(walk: Walk, host: HostView, to: Sending): Position | undefined {
  const { link } = to
  const hop: HopParts = { stage: 'encap', host: host.name }
  if (!isFree(walk, unsendable(walk, host, link), hop)) return undefined
  const mac = addressed(walk, host, to)
  const entry = mac === undefined ? undefined : forwardedTo(walk, host, { link, mac })
  if (mac === undefined || entry === undefined) return undefined
  const outer = encapsulated(host, link, { mac, entry })
  if (!('kind' in outer)) return lose(walk, outer[0], { ...hop, why: outer[1] })
  const size = walk.size + VXLAN_OVERHEAD
  const mayBeCut = walk.direction === 'reply'
  const carried = { mark: walk.mark, inner: headersOf(walk) }
  return { at: 'encapsulated', host: host.name, outer: { ...outer, ...carried, size, mayBeCut } }
}
