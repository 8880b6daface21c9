/** The ends of a host that can be pinged and ping: its public IP, its bridge address, one of its containers. */
import { isExpected } from '../../checks/expected/expected.ts'
import { expectedHost } from '../../checks/expected/expected-host.ts'
import { containsAddress, formatAddress, type Prefix } from '../../checks/model/address.ts'
import type { Container } from '../../checks/model/container-bridge.ts'
import type { LinkAddress } from '../../checks/model/link.ts'
import type { ProbePlanObservation } from '../../checks/model/observation.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../../checks/model/snapshot.ts'

/** A container with an address of its host's subnet. */
export interface ContainerEnd {
  readonly name: string
  readonly address: string
  /** MTU of the link that has the address, bytes. */
  readonly mtu: number
  readonly container: Container
}

/** A host as the probes see it. */
export interface HostEnds {
  readonly host: HostName
  readonly publicIp: string
  /** MTU of the underlay link, bytes, where it is known. */
  readonly underlayMtu?: number
  /** The container bridge's address; absent when no link holds one. */
  readonly bridgeAddress?: string
  /** FLANNEL_MTU as it should be. */
  readonly overlayMtu?: number
  /** UDP port that takes the overlay's packets; absent for host-gw. */
  readonly udpPort?: number
  readonly containers: readonly ContainerEnd[]
}

type LeftOut = ProbePlanObservation['leftOut'][number]

/** The bridge's own address. Never SN.0: kernels before 5.14 hold it for a broadcast address of the bridge. */
function bridgeAddress(
  addresses: readonly LinkAddress[],
  subnet: Prefix,
  flannelLink?: string,
): string | undefined {
  const own = addresses.filter(
    ({ prefix, link }) =>
      prefix !== undefined && link !== flannelLink && containsAddress(subnet, prefix.address),
  )
  const first = formatAddress((subnet.address + 1) >>> 0)
  return (
    own.find(({ address }) => address === first) ??
    own.find(({ prefix }) => prefix?.address !== subnet.address)
  )?.address
}

function containerEnd(container: Container, subnet: Prefix): ContainerEnd | string {
  if (container.problem !== undefined) return container.problem
  const held = container.addresses.find(({ prefix }) => prefix && containsAddress(subnet, prefix.address))
  if (held === undefined) return 'it has no address of its host’s subnet'
  const mtu = container.links.find(({ name }) => name === held.link)?.mtu
  if (mtu === undefined) return 'the MTU of its link is not known'
  return { name: container.name, address: held.address, mtu, container }
}

function containerEnds(
  { host, facts }: HostSnapshot,
  subnet: Prefix,
): { readonly ends: readonly ContainerEnd[]; readonly leftOut: readonly LeftOut[] } {
  if (!facts.containers.known) {
    return { ends: [], leftOut: [{ end: { host }, reason: `its containers: ${facts.containers.detail}` }] }
  }
  const ends: ContainerEnd[] = []
  const leftOut: LeftOut[] = []
  for (const container of facts.containers.value) {
    const end = containerEnd(container, subnet)
    if (typeof end === 'string') leftOut.push({ end: { host, container: container.name }, reason: end })
    else ends.push(end)
  }
  return { ends, leftOut }
}

/** The ends of one host, or why it has none. */
export function endsOf(
  snapshot: ClusterSnapshot,
  host: HostSnapshot,
): { readonly ends?: HostEnds; readonly leftOut: readonly LeftOut[] } {
  const unusable = (reason: string) => ({ leftOut: [{ end: { host: host.host }, reason }] })
  if (host.unreachable !== undefined) return unusable(host.unreachable)
  const expected = expectedHost(snapshot, host.host)
  if (!isExpected(expected)) return unusable(expected.reason)
  const { lease, subnetEnv, externalLink, link, udpPort } = expected
  const { ends: containers, leftOut } = containerEnds(host, lease.subnet)
  const { addresses } = host.facts
  const bridge = addresses.known ? bridgeAddress(addresses.value, lease.subnet, link?.name) : undefined
  const ends = {
    host: host.host,
    publicIp: formatAddress(lease.publicIp),
    ...(externalLink !== undefined && { underlayMtu: externalLink.mtu }),
    ...present({ bridgeAddress: bridge, overlayMtu: subnetEnv.mtu, udpPort }),
    containers,
  }
  return { ends, leftOut }
}
