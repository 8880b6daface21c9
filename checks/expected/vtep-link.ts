/** flannel's vxlan links and who resolves peers on them. */
import { samePrefix } from '../model/address.ts'
import type { Link } from '../model/link.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { Route } from '../model/route.ts'

/** flannel names its vxlan link by the VNI (`pkg/backend/vxlan/vxlan.go`, `newVXLANDevice`). */
export function isVtep({ name }: Pick<Link, 'name'>): boolean {
  return /^flannel\.\d+$/.test(name)
}

/** Up to v0.8.0 one route leads to the whole network by the vxlan link, and the kernel asks flanneld for each peer. */
export function asksForPeers(routes: readonly Route[], { network }: NetworkConfig): boolean {
  return routes.some(
    ({ destination, link }) =>
      link !== undefined && isVtep({ name: link }) && samePrefix(destination, network),
  )
}
