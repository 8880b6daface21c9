/**
 * udp: a tun link that carries the whole network; the peer table lives in the process.
 * flannel `pkg/backend/udp/udp_network_amd64.go`, `configureIface`.
 */
import { maskPrefix } from '../model/address.ts'
import { present } from '../model/present.ts'
import { type BackendExpectation, type BackendInput, othersOf, peerOf } from './backend.ts'
import { UDP_OVERHEAD } from './constants.ts'
import type { ExpectedLink } from './expected.ts'

/** One tun link, one network route; every lease is a peer, as udp ignores the backend type. */
export const udp: BackendExpectation = (input) => {
  const { config, externalLink } = input
  const mtu = externalLink && externalLink.mtu - UDP_OVERHEAD
  const link: ExpectedLink = {
    name: tunName(input),
    kind: 'tun',
    ...present({ mtu }),
    address: {
      address: input.lease.subnet.address,
      length: input.generation.udp === 'network-address' ? config.network.length : 32,
    },
  }
  return {
    peers: othersOf(input).map((lease) => peerOf(lease, input, false)),
    link,
    routes: [{ destination: maskPrefix(config.network), link: link.name, onlink: false }],
    neighbours: [],
    fdb: [],
    udpPort: config.port,
    ...present({ mtu }),
  }
}

/** The kernel gives the first free number, so the tun link that has the own address counts, else flannel0. */
function tunName({ links, addresses, lease }: BackendInput): string {
  const tuns = links.filter(({ name, kind }) => /^flannel\d+$/.test(name) && (kind ?? 'tun') === 'tun')
  const owner = tuns.find(({ name }) =>
    addresses.some(({ link, prefix }) => link === name && prefix?.address === lease.subnet.address),
  )
  return (owner ?? (tuns.length === 1 ? tuns[0] : undefined))?.name ?? 'flannel0'
}
