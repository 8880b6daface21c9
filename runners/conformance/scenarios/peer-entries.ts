/**
 * What a host holds for one peer. Said apart from the expected state of the checks, so that a mistake there
 * cannot hide here.
 */

import { formatAddress, formatPrefix, maskPrefix, parseAddress } from '../../../checks/model/address.ts'
import type { Lease } from '../../../checks/model/lease.ts'
import { present } from '../../../checks/model/present.ts'
import type { Fact, HostSnapshot } from '../../../checks/model/snapshot.ts'
import { ScenarioError, type Scene } from './scenario.ts'

/** A record under PREFIX/subnets, as far as hosts write something for it. */
export interface PeerRecord {
  /** `10.5.254.0/24`. */
  readonly subnet: string
  readonly publicIp: string
  readonly vtepMac?: string
}

export function peerOf(lease: Lease): PeerRecord {
  const subnet = formatPrefix(maskPrefix(lease.subnet))
  const publicIp = formatAddress(lease.publicIp)
  return { subnet, publicIp, ...present({ vtepMac: lease.vtepMac }) }
}

/** The value of a fact. Throws ScenarioError where it could not be had: then nothing can be said. */
export function factValue<T>(fact: Fact<T>): T {
  if (fact.known) return fact.value
  throw new ScenarioError(`${fact.from.section} of ${fact.from.host || 'etcd'}: ${fact.detail}`)
}

/** Entries of a host for a peer: what each should be, and what of it is there. */
export interface PeerEntry {
  readonly kind: 'route' | 'neighbour' | 'fdb' | 'proxy'
  readonly name: string
  readonly isThere: boolean
}

const firstOf = (subnet: string): string => subnet.split('/')[0] ?? ''

function hasRoute({ facts }: HostSnapshot, subnet: string, gateway: string): boolean {
  const wanted = parseAddress(gateway)
  return factValue(facts.routes).some(
    (route) =>
      route.table === 'main' && formatPrefix(route.destination) === subnet && route.gateway === wanted,
  )
}

function vxlanEntries(
  host: HostSnapshot,
  { subnet, publicIp, vtepMac = '' }: PeerRecord,
): readonly PeerEntry[] {
  const vtep = firstOf(subnet)
  const neighbours = factValue(host.facts.neighbours)
  const fdb = factValue(host.facts.fdb)
  const resolved = neighbours.some(
    ({ address, mac, link }) => address === vtep && mac === vtepMac && link.startsWith('flannel.'),
  )
  const forwarded = fdb.some(
    ({ mac, destination, link }) =>
      mac === vtepMac && destination === publicIp && link.startsWith('flannel.'),
  )
  return [
    { kind: 'route', name: `route to ${subnet} via ${vtep}`, isThere: hasRoute(host, subnet, vtep) },
    { kind: 'neighbour', name: `neighbour ${vtep} at ${vtepMac}`, isThere: resolved },
    { kind: 'fdb', name: `FDB entry ${vtepMac} to ${publicIp}`, isThere: forwarded },
  ]
}

/** The peer table of udp lives in the process, which says in its log what it puts in and takes out. */
function udpEntries(log: string, { subnet }: PeerRecord): readonly PeerEntry[] {
  const last = Math.max(log.lastIndexOf(`Subnet added: ${subnet}`), -1)
  const isThere = last > log.lastIndexOf(`Subnet removed: ${subnet}`)
  return [{ kind: 'proxy', name: `peer ${subnet} of the proxy, by its log`, isThere }]
}

/** The entries of a host for a peer. Throws ScenarioError where its tables cannot be read. */
async function entriesFor(scene: Scene, seen: HostSnapshot, peer: PeerRecord): Promise<readonly PeerEntry[]> {
  if (scene.backend === 'udp') return udpEntries((await scene.control.flanneld?.log(seen.host)) ?? '', peer)
  if (scene.backend === 'vxlan') return vxlanEntries(seen, peer)
  return [
    {
      kind: 'route',
      name: `route to ${peer.subnet} via ${peer.publicIp}`,
      isThere: hasRoute(seen, peer.subnet, peer.publicIp),
    },
  ]
}

/** Names of the entries that a collected host does not have; undefined when it has all. */
export async function missingFrom(
  scene: Scene,
  seen: HostSnapshot,
  peer: PeerRecord,
): Promise<string | undefined> {
  const absent = (await entriesFor(scene, seen, peer)).filter(({ isThere }) => !isThere)
  if (absent.length === 0) return undefined
  return `${seen.host} has no ${absent.map(({ name }) => name).join(', no ')}`
}

/** The same of a host as it is now. */
export async function missingEntries(
  scene: Scene,
  host: string,
  peer: PeerRecord,
): Promise<string | undefined> {
  return missingFrom(scene, await scene.lookAt(host), peer)
}

/** Names of the entries that are there; undefined when none is. */
export async function leftEntries(
  scene: Scene,
  host: string,
  { peer, kinds }: { readonly peer: PeerRecord; readonly kinds?: readonly PeerEntry['kind'][] },
): Promise<string | undefined> {
  const seen = await scene.lookAt(host)
  const left = (await entriesFor(scene, seen, peer)).filter(
    ({ kind, isThere }) => isThere && (kinds?.includes(kind) ?? true),
  )
  return left.length === 0 ? undefined : `${host} still has ${left.map(({ name }) => name).join(', ')}`
}

/** The link flannel made on a host: `flannel.1`, `flannel0`; none with host-gw. */
export function isFlannelLink(name: string): boolean {
  return /^flannel[.\d]/.test(name)
}
