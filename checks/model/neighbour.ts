/** One entry of the neighbour table (`ip neigh`), IPv4 and IPv6. */
export interface Neighbour {
  readonly address: string
  readonly link: string
  readonly mac?: string
  /** PERMANENT, REACHABLE, STALE, DELAY, PROBE, INCOMPLETE, FAILED, NOARP. */
  readonly states: readonly string[]
}
