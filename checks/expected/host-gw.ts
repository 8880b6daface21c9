/**
 * host-gw: one route per peer via its public IP, no link of its own, no encapsulation.
 * flannel `pkg/backend/hostgw/hostgw.go` and `pkg/backend/route_network.go`.
 */
import { maskPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import { present } from '../model/present.ts'
import { type BackendExpectation, type BackendInput, othersOf, peerOf } from './backend.ts'
import type { ExpectedRoute } from './expected.ts'
import { isSince } from './generation.ts'
import { isConnected } from './route-lookup.ts'

/** Routes via the peers' public IPs; leases of another backend type are skipped, as flannel does. */
export const hostGw: BackendExpectation = (input) => {
  const { externalLink } = input
  if (!externalLink) return { reason: 'the underlay link is not known' }
  const peers = othersOf(input)
    .filter(({ backendType, publicIp }) => backendType === 'host-gw' && publicIp !== input.lease.publicIp)
    .map((lease) => peerOf(lease, input, true))
  const routes = peers.map(
    (peer): ExpectedRoute => ({
      destination: maskPrefix(peer.lease.subnet),
      gateway: peer.lease.publicIp,
      link: linkTowards(peer.lease, externalLink.name, input),
      onlink: false,
      peer,
    }),
  )
  return { peers, routes, neighbours: [], fdb: [], ...present({ mtu: externalLink.mtu }) }
}

/** v0.10.0 and later name the external link in the route; before, the kernel chose by the gateway. */
function linkTowards(peer: Lease, external: string, input: BackendInput): string {
  if (isSince(input.generation.version, 'v0.10.0') ?? true) return external
  const route = input.underlayRoute?.(peer.publicIp)
  return route && isConnected(route) ? (route.link ?? external) : external
}
