/** One entry of a forwarding database (`bridge fdb`): a bridge's or a vxlan link's. */
export interface FdbEntry {
  readonly mac: string
  readonly link: string
  /** vxlan: underlay address the frame is sent to. */
  readonly destination?: string
  /** vxlan: port, VNI and link of the underlay that this entry has in place of those of its link; absent where it has none. */
  readonly port?: number
  readonly vni?: number
  readonly via?: string
  /** vxlan: the nexthop object that says where it leads (`ip nexthop show`), in place of a destination. */
  readonly nexthop?: number
  readonly flags: readonly string[]
  /** `permanent`, `static`, `stale` or empty for learned. */
  readonly state: string
  /** The bridge, for entries of a bridge port. */
  readonly master?: string
}

/** Where an entry of a vxlan link leads, in the words of bridge(8); undefined for one that leads nowhere. */
export function fdbDestination({ destination, port, vni, via, nexthop }: FdbEntry): string | undefined {
  if (destination === undefined) return nexthop === undefined ? undefined : `nhid ${nexthop}`
  if (port === undefined && vni === undefined && via === undefined) return destination
  const own = Object.entries({ port, vni, via }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  )
  return [destination, ...own].join(' ')
}
