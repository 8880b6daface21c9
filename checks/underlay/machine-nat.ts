import type { ExpectedHost } from '../expected/expected.ts'
import { containsAddress } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'

/** 10.0.2.15: the first address that the user networks of VirtualBox and QEMU hand out, to every machine the same. */
export const MACHINE_NAT = 0x0a_00_02_0f
const MACHINE_NETWORK = { address: 0x0a_00_02_00, length: 24 }

/** No peer has another address of that network: then it is no real network that happens to have these numbers. */
export function isAlone({ peers }: ExpectedHost): boolean {
  const others = peers.map(({ lease }) => lease.publicIp).filter((address) => address !== MACHINE_NAT)
  return !others.some((address) => containsAddress(MACHINE_NETWORK, address))
}

/** Links of bridges and overlays, which no machine is reached by. */
const INNER_LINK = /^(?:docker|br-|cni|veth|virbr|flannel|tun|tailscale|wg)/

/** The one other link that machines may reach each other by; undefined where there are several or none. */
export function otherLink(addresses: readonly LinkAddress[]): string | undefined {
  const links = addresses
    .filter(({ family, scope, prefix, link }) => {
      const isOuter = family === 'inet' && scope === 'global' && !INNER_LINK.test(link)
      return isOuter && prefix !== undefined && prefix.address !== MACHINE_NAT
    })
    .map(({ link }) => link)
  const [only, ...others] = new Set(links)
  return others.length === 0 ? only : undefined
}
