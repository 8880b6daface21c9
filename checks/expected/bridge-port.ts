/** How containers hang on the host's links: each veth end inside a container with its end on the host. */
import { containsAddress, type Prefix } from '../model/address.ts'
import type { Container, ContainerLink } from '../model/container-bridge.ts'
import type { Link, LinkAddress } from '../model/link.ts'

/** The file of a container's network namespace, as a value for commands. */
export function namespaceOf({ namespace, pid }: Container): { readonly namespace?: string } {
  const path = namespace ?? (pid === undefined ? undefined : `/proc/${pid}/ns/net`)
  return path === undefined ? {} : { namespace: path }
}

/** One interface of a container and the host's end of its veth pair. */
export interface Attachment {
  readonly container: Container
  readonly link: ContainerLink
  /** IPv4 addresses of that interface. */
  readonly addresses: readonly LinkAddress[]
  readonly port: Link
}

/** Every container interface whose other end is a veth of the host; interfaces of unknown ends are left out. */
export function attachments(links: readonly Link[], containers: readonly Container[]): readonly Attachment[] {
  const byIndex = new Map(links.filter(({ kind }) => kind === 'veth').map((link) => [link.index, link]))
  return containers.flatMap((container) =>
    container.links.flatMap((link) => {
      const port = link.peerIndex === undefined ? undefined : byIndex.get(link.peerIndex)
      if (port === undefined) return []
      const addresses = container.addresses.filter(
        (address) => address.link === link.name && address.prefix !== undefined,
      )
      return [{ container, link, addresses, port }]
    }),
  )
}

/** The attachments that are ports of the bridge. */
export function attachedTo(bridge: Link, all: readonly Attachment[]): readonly Attachment[] {
  return all.filter(({ port }) => port.master === bridge.name)
}

/**
 * Why it is not known who is behind some ports of the bridge; undefined where everybody is, or nobody is known to hide.
 * Containers beyond those that are read at most are one of Docker's without a namespace: the report counts them.
 */
export function unseenBehind(
  bridge: Link,
  { links, containers }: { readonly links: readonly Link[]; readonly containers: readonly Container[] },
): string | undefined {
  const hidden = containers.find(
    ({ problem, isGone, foundBy, namespace }) =>
      problem !== undefined && !isGone && (foundBy !== 'docker' || namespace !== undefined),
  )
  if (hidden === undefined) return undefined
  const seen = new Set(attachedTo(bridge, attachments(links, containers)).map(({ port }) => port.index))
  const ports = links.filter(
    ({ kind, master, index }) => kind === 'veth' && master === bridge.name && !seen.has(index),
  )
  if (ports.length === 0) return undefined
  const names = ports.map(({ name }) => name).join(', ')
  return `who is behind ${names} of ${bridge.name} was not seen: ${hidden.name}: ${hidden.problem}`
}

/**
 * Attachments with an on-link address of the subnet that hang on no bridge. A /32 address
 * or an address on the host's end is a routed design (Calico, the ptp plugin): it needs none.
 */
export function detachedFrom(
  subnet: Prefix,
  all: readonly Attachment[],
  hostAddresses: readonly LinkAddress[],
): readonly Attachment[] {
  const routed = new Set(hostAddresses.filter(({ prefix }) => prefix !== undefined).map(({ link }) => link))
  return all.filter(
    ({ port, addresses }) =>
      port.master === undefined &&
      !routed.has(port.name) &&
      addresses.some(({ prefix }) => prefix && prefix.length < 32 && containsAddress(subnet, prefix.address)),
  )
}
