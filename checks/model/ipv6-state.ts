import type { Sysctls } from './sysctl.ts'

/** One IPv6 route of table main. */
export interface Ipv6Route {
  /** The network as the kernel prints it: `fd00:5::/64`; `::/0` for the default route. */
  readonly destination: string
  /** `unicast`, `blackhole`, `unreachable`, `prohibit`, … */
  readonly type: string
  /** As the kernel prints it. */
  readonly gateway?: string
  readonly link?: string
  readonly metric: number
  /** The line that printed it. */
  readonly text: string
}

/** What a host has of IPv6; empty where its kernel has none. */
export interface Ipv6State {
  readonly routes: readonly Ipv6Route[]
  /** `net.ipv6.conf.LINK.forwarding` and `.disable_ipv6`, of `all` and every link; `.force_forwarding` where it is 1. */
  readonly settings: Sysctls
}
