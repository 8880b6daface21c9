/** Whether somebody has an address of the flannel network: a container or a host that was read, or one that may not have been. */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { containsAddress, formatPrefix, maskPrefix } from '../../model/address.ts'
import type { Container } from '../../model/container-bridge.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../../model/snapshot.ts'

/** States of a neighbour that has just answered, or that is being asked. */
const ANSWERS = /^(REACHABLE|DELAY|PROBE|PERMANENT)$/

/** Ports of the bridge that has the address: each must lead to a container that was read. A virtual machine's does not. */
function hasOtherPorts({ facts }: HostSnapshot, address: number, containers: readonly Container[]): boolean {
  const bridges = new Set(
    (knownValue(facts.addresses) ?? []).flatMap(({ prefix, link }) =>
      prefix !== undefined && containsAddress(prefix, address) ? [link] : [],
    ),
  )
  const inside = new Set(containers.flatMap(({ links }) => links.map(({ peerIndex }) => peerIndex)))
  return (knownValue(facts.links) ?? []).some(
    ({ master = '', index }) => bridges.has(master) && !inside.has(index),
  )
}

/** True where everything on the host that could have the address was read, and nothing has it. */
function isFree(host: HostSnapshot, address: { readonly number: number; readonly text: string }): boolean {
  const { facts } = host
  const containers = knownValue(facts.containers)
  if (containers === undefined || containers.some(({ problem }) => problem !== undefined)) return false
  const answers = (knownValue(facts.neighbours) ?? []).some(
    (one) => one.address === address.text && one.states.some((state) => ANSWERS.test(state)),
  )
  return !answers && facts.links.known && !hasOtherPorts(host, address.number, containers)
}

/** Why nobody has an address that no end was found for, as a clause; undefined where somebody may. */
export function whyNobody(
  snapshot: ClusterSnapshot,
  address: { readonly number: number; readonly text: string },
): string | undefined {
  const leases = knownValue(snapshot.datastore.leases)?.leases
  const lease = leases?.find(({ subnet }) => containsAddress(maskPrefix(subnet), address.number))
  if (leases !== undefined && lease === undefined) return 'no host has a lease with that address'
  const name: HostName | undefined = lease && clusterIdentity(snapshot).hostByLease.get(lease)
  const host = name === undefined ? undefined : snapshot.hosts.get(name)
  if (lease === undefined || host === undefined || !isFree(host, address)) return undefined
  return `no container of ${name}, which has ${formatPrefix(maskPrefix(lease.subnet))}, has that address`
}
