/** Sizes that links refuse. */
import { isSince } from '../expected/generation.ts'
import type { Link } from '../model/link.ts'
import type { HostView } from './walk-world.ts'

/** Bytes of a VLAN tag, which bridges and veth links allow beyond the MTU (Linux `is_skb_forwardable`, `VLAN_HLEN`). */
const VLAN_TAG = 4

/** True when a veth link takes a packet of `size` bytes from its other end or from its bridge. */
export function fitsPort({ mtu }: Pick<Link, 'mtu'>, size: number): boolean {
  return size <= mtu + VLAN_TAG
}

/**
 * Whether the kernel tells the sender that a vxlan packet does not fit the underlay (since
 * v4.16, commit a93bf0ff4490) or cuts the outer packet; undefined when the kernel is not known.
 */
export function refusesLargeOuter({ facts }: HostView): boolean | undefined {
  if (!facts.kernel.known) return undefined
  const [version] = /^\d+\.\d+/.exec(facts.kernel.value.release) ?? []
  return isSince(version === undefined ? undefined : `v${version}.0`, 'v4.16.0')
}
