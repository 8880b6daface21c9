/** What a link leaves to hardware or to the next link, as `ethtool -k` names it: `tx-checksum-ip-generic`. */
export interface LinkOffloads {
  readonly on: readonly string[]
  readonly off: readonly string[]
}

/** The flannel links of a host by name. */
export type Offloads = ReadonlyMap<string, LinkOffloads>
