/** Which addresses of an IPv6 subnet a host has, and on which links. */
import type { Container } from '../model/container-bridge.ts'
import { type Ipv6Prefix, isInIpv6, parseIpv6Prefix, printedIpv6 } from '../model/ipv6.ts'
import type { LinkAddress } from '../model/link.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'
import type { ExpectedIpv6 } from './ipv6.ts'
import { knownValue } from './observed-host.ts'

/** The first of the addresses that is in the subnet, as the kernel prints it. */
export function ipv6In(addresses: readonly LinkAddress[], subnet: Ipv6Prefix): string | undefined {
  const held = addresses.find(({ address }) => isInIpv6(address, subnet))
  return held && printedIpv6(held.address)
}

/** The link of the containers: it has an address of the own IPv6 subnet and is no VTEP. */
export function ipv6Bridge(
  addresses: readonly LinkAddress[],
  { subnet, link }: Pick<ExpectedIpv6, 'subnet' | 'link'>,
): string | undefined {
  return addresses.find((one) => one.link !== link?.name && isInIpv6(one.address, subnet))?.link
}

/** Containers with an address of the subnet, and that address. */
export function ipv6Containers(
  containers: readonly Container[],
  subnet: Ipv6Prefix,
): readonly { readonly container: Container; readonly address: string }[] {
  return containers.flatMap((container) => {
    const address = ipv6In(container.addresses, subnet)
    return address === undefined ? [] : [{ container, address }]
  })
}

/** Addresses of the subnet that the host or a container of it has; undefined where it is not known. */
export function ipv6InUse(host: HostSnapshot | undefined, subnet: Ipv6Prefix): readonly string[] | undefined {
  const addresses = host && knownValue(host.facts.addresses)
  const containers = host && knownValue(host.facts.containers)
  if (addresses === undefined || containers === undefined) return undefined
  const own = addresses.filter(({ address }) => isInIpv6(address, subnet)).map(({ address }) => address)
  return [...own, ...ipv6Containers(containers, subnet).map(({ address }) => address)]
}

/** The first address of a subnet, which its bridge has. */
export function bridgeAddress({ network }: Ipv6Prefix): string {
  return printedIpv6(network.replace(/0$/, '1')) ?? network
}

/** The length with which a peer on the same link has its public address, for one of this host; undefined where none is known to be. */
export function lengthOnLink(
  publicIp: string,
  { routes }: Pick<ExpectedIpv6, 'routes'>,
  { hosts }: ClusterSnapshot,
): number | undefined {
  for (const { peer } of routes) {
    const facts = hosts.get(peer.name)?.facts
    const theirs = (facts && knownValue(facts.addresses)) ?? []
    const own = theirs.find(({ address }) => printedIpv6(address) === peer.lease.ipv6?.publicIp)
    const prefix = own && parseIpv6Prefix(`${own.address}/${own.length}`)
    if (prefix !== undefined && prefix.length < 128 && isInIpv6(publicIp, prefix)) return prefix.length
  }
  return undefined
}
