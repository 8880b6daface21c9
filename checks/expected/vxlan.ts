/**
 * vxlan: one VTEP per host. Up to v0.6.x it carries the network's length, up to v0.8.0 a /32
 * with one network route and neighbours on demand; since v0.9.0 every peer has an onlink
 * route, a permanent neighbour and an FDB entry. flannel `pkg/backend/vxlan/vxlan_network.go`,
 * `handleSubnetEvents`, and `device.go`, `newVXLANDevice`.
 */
import { formatAddress, maskPrefix } from '../model/address.ts'
import { present } from '../model/present.ts'
import type { BackendExpectation, BackendInput } from './backend.ts'
import { VXLAN_OVERHEAD } from './constants.ts'
import type { ExpectedLink } from './expected.ts'
import { isSince } from './generation.ts'
import { peerLists } from './vxlan-peers.ts'

/** VTEP, routes, neighbours and FDB entries; leases of another backend type are skipped, as flannel does. */
export const vxlan: BackendExpectation = (input) => {
  const name = `flannel.${input.config.vni}`
  const perPeer = input.generation.vxlan === 'per-peer'
  const mtu = vxlanMtu(input)
  const network = [{ destination: maskPrefix(input.config.network), link: name, onlink: false }]
  const lists = () => peerLists(name, input)
  return {
    get peers() {
      return lists().peers
    },
    link: vtep(name, mtu, input),
    get routes() {
      return perPeer ? lists().routes : network
    },
    get neighbours() {
      return perPeer ? lists().neighbours : []
    },
    get fdb() {
      return lists().fdb
    },
    udpPort: input.config.port,
    get unusable() {
      return lists().unusable
    },
    ...present({ mtu }),
  }
}

function vtep(name: string, mtu: number | undefined, input: BackendInput): ExpectedLink {
  const { config, generation, lease } = input
  return {
    name,
    kind: 'vxlan',
    ...present({ mtu, mac: lease.vtepMac }),
    address: {
      address: lease.subnet.address,
      length: generation.vxlan === 'network-address' ? config.network.length : 32,
    },
    vxlan: {
      vni: config.vni,
      port: config.port,
      local: localAddresses(name, input),
      ...present({ underlay: input.externalLink?.name }),
      gbp: config.gbp,
      learning: config.learning && (isSince(generation.version, 'v0.12.0') ?? true),
    },
  }
}

/** v0.27.4 and later bind to the public IP, older ones to the interface address; unknown versions may do either. */
function localAddresses(name: string, input: BackendInput): readonly string[] {
  const publicIp = formatAddress(input.lease.publicIp)
  const recent = isSince(input.generation.version, 'v0.27.4')
  if (recent) return [publicIp]
  const address = input.externalLink?.address
  if (address !== undefined) {
    const own = formatAddress(address)
    return recent === false ? [own] : [...new Set([publicIp, own])]
  }
  const observed = input.links.find((link) => link.name === name)?.vxlan?.local
  return [...new Set([publicIp, ...(observed === undefined ? [] : [observed])])]
}

/** `MTU` is the outer MTU and honoured since v0.21.3; before, and without it, the external link's MTU counts. */
function vxlanMtu({ config, generation, externalLink }: BackendInput): number | undefined {
  const honoured = isSince(generation.version, 'v0.21.3')
  if (config.mtu !== undefined && config.mtu !== externalLink?.mtu) {
    if (honoured === undefined) return undefined
    if (honoured) return config.mtu - VXLAN_OVERHEAD
  }
  return externalLink && externalLink.mtu - VXLAN_OVERHEAD
}
