/** A set of the kernel's ipset (`ipset save`), which rules name by `-m set --match-set`. */
export interface Ipset {
  readonly name: string
  /** `hash:ip`, `hash:net,port`, `list:set`, … */
  readonly type: string
  readonly members: readonly IpsetMember[]
}

export interface IpsetMember {
  /** One text per dimension: `10.1.2.0/24`, `tcp:80`, `eth0`. */
  readonly parts: readonly string[]
  /** Written as an exception to a wider member. */
  readonly isException: boolean
}

/** Sets by name. */
export type Ipsets = ReadonlyMap<string, Ipset>
