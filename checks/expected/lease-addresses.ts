/** What answers on the host of a lease, as far as the lease alone tells. */
import { formatAddress, maskPrefix, networkAddress } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { NetworkConfig } from '../model/network-config.ts'

export interface LeaseAddresses {
  readonly publicIp: string
  /** Of the flannel link: the subnet's own address (flannel `pkg/backend/vxlan/vxlan.go`, `pkg/backend/udp/udp_network_amd64.go`). */
  readonly flannelLink?: string
  /** Of the container bridge, by custom the first of the subnet: `mk-docker-opts.sh` and the bridge plugin of CNI choose it. */
  readonly bridge: string
}

/** Backends whose host has an address of its own on the flannel link. */
const WITH_LINK_ADDRESS: ReadonlySet<string> = new Set(['vxlan', 'udp'])

/** The addresses that a host with this lease has when all is well. */
export function leaseAddresses({ publicIp, subnet }: Lease, { backend }: NetworkConfig): LeaseAddresses {
  const own = networkAddress(maskPrefix(subnet))
  return {
    publicIp: formatAddress(publicIp),
    ...(WITH_LINK_ADDRESS.has(backend) && { flannelLink: formatAddress(own) }),
    bridge: formatAddress((own + 1) >>> 0),
  }
}
