import type { Prefix } from './address.ts'

/** The table under which the next hops stand that ICMP redirects gave to single addresses: the kernel's cache, no table of its own. */
export const REDIRECTED = 'cache'

/** One IPv4 route, of any table. IPv6 routes are kept out of the fact. */
export interface Route {
  /** Destination; `0.0.0.0/0` for the default route. */
  readonly destination: Prefix
  /** `unicast`, `local`, `broadcast`, `blackhole`, `unreachable`, `prohibit`, `throw`, … */
  readonly type: string
  /** Table name or number as text: `main`, `local`, `default`, `100`. */
  readonly table: string
  readonly gateway?: number
  /** A next hop of the other family as text (`via inet6 fe80::1`): the route leads through it. */
  readonly gatewayInet6?: string
  /** Absent for blackhole-like types. */
  readonly link?: string
  /** One of several next hops of its route, each of which is kept as a route: the kernel's hash decides among them. */
  readonly isBalanced?: true
  /** `kernel`, `boot`, `static`, `bird`, …; as iproute2 names it. */
  readonly protocol?: string
  readonly scope?: string
  readonly source?: number
  readonly metric: number
  /** Largest packet the route takes, whatever its link carries; absent where the link's MTU counts. */
  readonly mtu?: number
  /** What TCP connections of this host over the route tell the other end to send at most. */
  readonly advertisedMss?: number
  /** Time to live of what this host sends over the route. */
  readonly hopLimit?: number
  /** Set where only packets with this type of service take the route. */
  readonly tos?: string
  /** `ip`, `mpls`, …: packets of the route are wrapped on their way out. */
  readonly encapsulation?: string
  /** `onlink`, `linkdown`, `dead`, … */
  readonly flags: readonly string[]
}

/** One policy rule (`ip rule`). */
export interface PolicyRule {
  readonly priority: number
  /** `all` or a prefix as text. */
  readonly from: string
  readonly to?: string
  readonly table?: string
  /** Anything else the rule selects on or does (fwmark, iif, goto, suppress …), as `key value` words. */
  readonly other: readonly string[]
}
