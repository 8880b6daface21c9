/** Addresses that the kernel itself balances (IPVS, Linux `net/netfilter/ipvs`): kube-proxy writes services there in its mode ipvs. */

export interface IpvsDestination {
  readonly address: number
  readonly port: number
  /** `Masq`, `Local`, `Route`, `Tunnel`. */
  readonly forward: string
  /** 0 takes no new connection. */
  readonly weight: number
}

export interface IpvsService {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly address: number
  readonly port: number
  /** `rr`, `lc`. */
  readonly scheduler: string
  readonly destinations: readonly IpvsDestination[]
}

/** Its services with an IPv4 address; empty where the kernel has no IPVS or nothing is written. */
export type Ipvs = readonly IpvsService[]
