import type { PolicyRule } from './route.ts'
import type { Sysctls } from './sysctl.ts'

/** Metric of a route that names none (Linux `include/uapi/linux/ipv6_route.h`, `IP6_RT_PRIO_USER`). */
export const USUAL_IPV6_METRIC = 1024

/** One IPv6 route, of any table. */
export interface Ipv6Route {
  /** The network as the kernel prints it: `fd00:5::/64`; `::/0` for the default route. */
  readonly destination: string
  /** `unicast`, `blackhole`, `unreachable`, `prohibit`, … */
  readonly type: string
  /** Table name or number as text: `main`, `local`, `100`. */
  readonly table: string
  /** As the kernel prints it. */
  readonly gateway?: string
  readonly link?: string
  /** `kernel`, `static`, `ra`, …; absent for boot, which iproute2 does not print. */
  readonly protocol?: string
  readonly metric: number
  /** Bytes that it takes, where it says so itself. */
  readonly mtu?: number
  /** One of several next hops of its route, each of which is kept as a route. */
  readonly isBalanced?: true
  /** The line that printed it. */
  readonly text: string
}

/** What a host has of IPv6; empty where its kernel has none. */
export interface Ipv6State {
  readonly routes: readonly Ipv6Route[]
  /** Empty where the kernel has no policy rules. */
  readonly rules: readonly PolicyRule[]
  /** `net.ipv6.conf.LINK.forwarding` and `.disable_ipv6`, of `all` and every link; `.force_forwarding` where it is 1. */
  readonly settings: Sysctls
}

/** The words by which ip(8) finds a route. */
export function ipv6RouteWords({ destination, type, gateway, link, table, metric }: Ipv6Route): string {
  const words = [
    type === 'unicast' ? '' : type,
    destination,
    gateway === undefined ? '' : `via ${gateway}`,
    link === undefined ? '' : `dev ${link}`,
    table === 'main' ? '' : `table ${table}`,
    `metric ${metric}`,
  ]
  return words.filter((word) => word !== '').join(' ')
}
