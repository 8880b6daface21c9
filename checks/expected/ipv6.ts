/**
 * The second family of a host: with EnableIPv6 vxlan has a VTEP of its own, flannel-v6.VNI, and writes an onlink route, a
 * neighbour and an FDB entry for every peer that has an IPv6 subnet; host-gw writes a route by the peer's public IPv6
 * address (flannel `pkg/backend/vxlan/vxlan_network.go`, `handleSubnetEvents`; `pkg/backend/hostgw/hostgw.go`; v0.15.0 and later).
 */
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { type Ipv6Prefix, printedIpv6, printedIpv6Network } from '../model/ipv6.ts'
import type { Ipv6Lease, Lease } from '../model/lease.ts'
import { type BackendInput, othersOf } from './backend.ts'
import type { ExpectedFdbEntry, ExpectedNeighbour, Peer } from './expected.ts'

/** A route to the IPv6 subnet of a peer, addresses as the kernel prints them. */
export interface ExpectedIpv6Route {
  readonly destination: string
  readonly gateway: string
  /** Absent where the kernel chooses it by the gateway. */
  readonly link?: string
  readonly peer: Peer
}

/** What flannel should have written of IPv6. */
export interface ExpectedIpv6 {
  readonly subnet: Ipv6Prefix
  /** vxlan: its VTEP of IPv6, and the MAC that the lease names. */
  readonly link?: { readonly name: string; readonly mac?: string }
  readonly routes: readonly ExpectedIpv6Route[]
  readonly neighbours: readonly ExpectedNeighbour[]
  readonly fdb: readonly ExpectedFdbEntry[]
}

type Ipv6Input = Pick<BackendInput, 'config' | 'lease' | 'leases' | 'nameOf'>

/** The address of the network itself, which the VTEP has. */
function networkAddress({ network }: Ipv6Prefix): string {
  return printedIpv6(network) ?? network
}

interface Ipv6Peer extends Ipv6Lease {
  readonly peer: Peer
}

/** Peers of the same backend that have an IPv6 subnet; flannel passes over the others. */
function peersOf(input: Ipv6Input): readonly Ipv6Peer[] {
  const { config, lease: own, nameOf } = input
  return othersOf(input).flatMap((lease) =>
    lease.ipv6 === undefined ||
    lease.backendType !== config.backend ||
    lease.ipv6.subnet.network === own.ipv6?.subnet.network
      ? []
      : [{ ...lease.ipv6, peer: { lease, name: nameOf(lease), direct: config.backend === 'host-gw' } }],
  )
}

/** With DirectRouting a peer may be reached by its public IP: then only that there is a route is known. */
function vxlanIpv6(input: Ipv6Input, name: string): Pick<ExpectedIpv6, 'routes' | 'neighbours' | 'fdb'> {
  const peers = peersOf(input).filter(({ vtepMac }) => vtepMac !== undefined)
  const encapsulated = input.config.directRouting ? [] : peers
  return {
    routes: peers.map(({ subnet, peer }) => ({
      destination: printedIpv6Network(subnet),
      gateway: networkAddress(subnet),
      link: name,
      peer,
    })),
    neighbours: encapsulated.map(({ subnet, vtepMac: mac = '', peer }) => ({
      address: networkAddress(subnet),
      link: name,
      mac,
      peer,
    })),
    fdb: encapsulated.flatMap(({ publicIp, vtepMac: mac = '', peer }) =>
      publicIp === undefined ? [] : [{ mac, link: name, destination: publicIp, peer }],
    ),
  }
}

/** The second family of a host; undefined where the configuration or the lease has none, or the backend carries none. */
export function expectedIpv6(input: Ipv6Input): ExpectedIpv6 | undefined {
  const { config, lease } = input
  if (!config.enableIpv6 || lease.ipv6 === undefined) return undefined
  const { subnet, vtepMac } = lease.ipv6
  if (config.backend === 'vxlan') {
    const name = `flannel-v6.${config.vni}`
    const link = vtepMac === undefined ? { name } : { name, mac: vtepMac }
    return { subnet, link, ...vxlanIpv6(input, name) }
  }
  if (config.backend !== 'host-gw') return undefined
  const routes = peersOf(input).flatMap(({ subnet, publicIp, peer }) =>
    publicIp === undefined ? [] : [{ destination: printedIpv6Network(subnet), gateway: publicIp, peer }],
  )
  return { subnet, routes, neighbours: [], fdb: [] }
}

/** The subnet of a lease in words, of either family. */
export function subnetOf({ subnet, ipv6 }: Lease, isIpv6: boolean): string {
  return isIpv6 && ipv6 ? printedIpv6Network(ipv6.subnet) : formatPrefix(maskPrefix(subnet))
}
