/**
 * What flanneld must have written on a host before the lab is ready: a host that is verified
 * earlier would be found broken only because it was not finished. Said apart from the expected
 * state that the checks use, so that a mistake there cannot hide behind a lab that waits for it.
 */
import type { LabLease } from './etcd.ts'

/** Kernel tables of a host as `ip -j` and `bridge -j` print them, as far as they are read here. */
export interface HostTables {
  readonly routes: readonly { readonly dst: string; readonly gateway?: string; readonly dev?: string }[]
  readonly neighbours: readonly { readonly dst: string; readonly lladdr?: string }[]
  readonly fdb: readonly { readonly mac: string; readonly dst?: string }[]
  /** iptables-save, and the nft table of flannel where it uses one. */
  readonly rules: string
  readonly log: string
}

export interface PeerView {
  readonly peer: LabLease
  readonly network: string
  /** flannel.VNI. */
  readonly link: string
  /** DirectRouting is on and the peer is in the same underlay subnet. */
  readonly direct: boolean
}

type Missing = string | undefined

function routed(tables: HostTables, destination: string, gateway: string): boolean {
  return tables.routes.some((route) => route.dst === destination && route.gateway === gateway)
}

function fdbEntry(tables: HostTables, { peer }: PeerView): Missing {
  const known = tables.fdb.some((entry) => entry.mac === peer.vtepMac && entry.dst === peer.publicIp)
  return known ? undefined : `FDB entry for ${peer.publicIp}`
}

/** flannel v0.9.0 and later: a route, a neighbour and an FDB entry per peer. */
export function vxlanPeer(tables: HostTables, view: PeerView): Missing {
  const { peer, direct } = view
  const vtep = peer.subnet.split('/')[0] ?? ''
  if (!routed(tables, peer.subnet, direct ? peer.publicIp : vtep)) return `route to ${peer.subnet}`
  if (direct) return undefined
  const resolved = tables.neighbours.some((entry) => entry.dst === vtep && entry.lladdr === peer.vtepMac)
  return resolved ? fdbEntry(tables, view) : `neighbour ${vtep}`
}

/** Up to v0.8.0: one route for the whole network and an FDB entry per peer; neighbours come with traffic. */
export function oldVxlanPeer(tables: HostTables, view: PeerView): Missing {
  const route = tables.routes.some((each) => each.dst === view.network && each.dev === view.link)
  return route ? fdbEntry(tables, view) : `route to ${view.network}`
}

export function hostGwPeer(tables: HostTables, { peer }: PeerView): Missing {
  return routed(tables, peer.subnet, peer.publicIp) ? undefined : `route to ${peer.subnet}`
}

/** The peer table of udp lives in the process, which says in its log what it puts there (udp_network_amd64.go). */
export function udpPeer(tables: HostTables, { peer, network }: PeerView): Missing {
  const route = tables.routes.some((each) => each.dst === network && each.dev?.startsWith('flannel'))
  if (!route) return `route to ${network}`
  return tables.log.includes(`Subnet added: ${peer.subnet}`) ? undefined : `peer ${peer.subnet}`
}

/** Rules are written beside the rest and may come last: both masquerade rules, both forward rules and the jumps. */
export function firewall(
  rules: string,
  wanted: { network: string; masquerade: boolean; forward: boolean },
): Missing {
  const ours = rules
    .split('\n')
    .filter((line) => line.includes(wanted.network) || line.includes('j FLANNEL-'))
  const count = (pattern: RegExp): number => ours.filter((line) => pattern.test(line)).length
  if (wanted.masquerade && (count(/-j MASQUERADE/) < 2 || count(/^-A POSTROUTING /) < 1))
    return 'masquerade rules'
  if (wanted.forward && (count(/-j ACCEPT/) < 2 || count(/^-A FORWARD /) < 1)) return 'forward rules'
  return undefined
}
