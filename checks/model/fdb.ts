/** One entry of a forwarding database (`bridge fdb`): a bridge's or a vxlan link's. */
export interface FdbEntry {
  readonly mac: string
  readonly link: string
  /** vxlan: underlay address the frame is sent to. */
  readonly destination?: string
  readonly flags: readonly string[]
  /** `permanent`, `static`, `stale` or empty for learned. */
  readonly state: string
  /** The bridge, for entries of a bridge port. */
  readonly master?: string
}
