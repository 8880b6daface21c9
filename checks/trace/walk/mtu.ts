/** Sizes that links refuse. */
import { isSince } from '../../expected/generation.ts'
import type { Link } from '../../model/link.ts'
import type { Outer, Problem, Walk } from './state.ts'
import type { HostView } from './world.ts'

/** Bytes of a VLAN tag, which bridges and veth links allow beyond the MTU (Linux `is_skb_forwardable`, `VLAN_HLEN`). */
const VLAN_TAG = 4

/** True when a veth link takes a packet of `size` bytes from its other end or from its bridge. */
export function fitsPort({ mtu }: Pick<Link, 'mtu'>, size: number): boolean {
  return size <= mtu + VLAN_TAG
}

/**
 * Why a packet is not sent by a link at its size. A request has the don't-fragment bit; an echo
 * reply has none (Linux `net/ipv4/icmp.c`, `IP_PMTUDISC_DONT`) and goes on in pieces that fit.
 */
export function tooBig(walk: Walk, { name, mtu }: Pick<Link, 'name' | 'mtu'>): Problem | undefined {
  if (walk.size <= mtu) return undefined
  if (walk.direction === 'request') return ['too-big', `${walk.size} bytes do not fit ${name}, MTU ${mtu}`]
  walk.size = mtu
  return undefined
}

/**
 * Whether the kernel tells the sender that a vxlan packet does not fit the underlay (since
 * v4.16, commit a93bf0ff4490) or cuts the outer packet; undefined when the kernel is not known.
 */
function refusesLargeOuter({ facts }: HostView): boolean | undefined {
  if (!facts.kernel.known) return undefined
  const [version] = /^\d+\.\d+/.exec(facts.kernel.value.release) ?? []
  return isSince(version === undefined ? undefined : `v${version}.0`, 'v4.16.0')
}

/** An outer packet that does not fit is refused, or cut where the sender cuts it. */
export function oversize(
  host: HostView,
  outer: Outer,
  { link, mtu }: { readonly link: Link; readonly mtu: number },
): Problem | undefined {
  if (outer.size <= mtu || outer.mayBeCut) return undefined
  const refuses = refusesLargeOuter(host)
  const why = `with ${outer.link}'s headers ${outer.size} bytes do not fit ${mtu < link.mtu ? 'the route by ' : ''}${link.name}, MTU ${mtu}`
  if (refuses === undefined) return ['not-enough-facts', `${why}; whether it is cut depends on the kernel`]
  return refuses ? ['too-big', why] : undefined
}
