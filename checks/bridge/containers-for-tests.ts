/** Edits of the container h1c1 of a built cluster. */
import { withHost } from '../../fixtures/build.ts'
import type { Container } from '../model/container-bridge.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/** h1 with its one container edited, or with several. */
export function withContainer(
  cluster: ClusterSnapshot,
  edit: (container: Container) => readonly Container[],
): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ containers }) => ({ containers: containers.flatMap(edit) }))
}

/** h1 with the host's end of the container's veth edited. */
export function withPort(cluster: ClusterSnapshot, edit: (port: Link) => readonly Link[]): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ links }) => ({
    links: links.flatMap((link) => (link.master === 'docker0' ? edit(link) : [link])),
  }))
}

/** A second container on docker0, with a port of its own. */
export function withSecondContainer(cluster: ClusterSnapshot, changes: Partial<Container>): ClusterSnapshot {
  const grown = withPort(cluster, (port) => [port, { ...port, index: 15, name: 'vc2' }])
  return withContainer(grown, (first) => {
    const links = first.links.map((link) => ({ ...link, mac: '06:c2:00:00:00:01', peerIndex: 15 }))
    return [first, { ...first, name: 'h1c2', links, ...changes }]
  })
}

/** An IPv4 address of eth0 as the collector reads it. */
export function containerAddress(text: string, prefix: { address: number; length: number }): LinkAddress {
  return { link: 'eth0', family: 'inet', address: text, length: prefix.length, prefix, scope: 'global' }
}
