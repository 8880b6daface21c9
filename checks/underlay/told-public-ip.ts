import type { ExpectedHost } from '../expected/expected.ts'
import { flanneldOptions } from '../expected/flanneld-options.ts'
import { containsAddress, formatAddress } from '../model/address.ts'
import type { FlanneldProcess } from '../model/daemon.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'

/** Told by -public-ip, or by an overwrite on the node. */
export function isMeant(process: FlanneldProcess, { identifiedBy }: ExpectedHost): boolean {
  return identifiedBy === 'public-ip-option' || flanneldOptions(process).publicIp !== undefined
}

/** The host has the address, or has heard of a machine that has it; or what it has and knows was not read. */
function mayKnowHolder({ facts: { addresses, neighbours } }: HostSnapshot, address: string): boolean {
  if (!addresses.known || !neighbours.known) return true
  const isOwn = addresses.value.some((one) => one.address === address)
  return isOwn || neighbours.value.some((one) => one.address === address && one.mac !== undefined)
}

/**
 * The public IP that flanneld was told, where no machine is known to have it: an address of the network of the external link
 * is behind no router that could translate it, so that some machine must answer ARP for it. Whoever does has been heard by
 * the host that sent to it.
 */
export function* ofNobody(
  { externalLink, lease }: ExpectedHost,
  addresses: readonly LinkAddress[],
  { hosts }: ClusterSnapshot,
) {
  const own = addresses.find(({ link, prefix }) => {
    const isExternal = link === externalLink?.name && prefix !== undefined
    return isExternal && containsAddress(prefix, lease.publicIp)
  })
  const address = formatAddress(lease.publicIp)
  if (own === undefined || [...hosts.values()].some((host) => mayKnowHolder(host, address))) return
  yield {
    code: 'of-nobody' as const,
    object: named('public IP', address),
    expected: own.address,
    observed: address,
    data: { link: own.link },
  }
}
