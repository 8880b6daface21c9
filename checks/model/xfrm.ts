/** IPsec policies of a host (`ip xfrm policy`), in the order in which they are printed. */

export interface XfrmPolicy {
  readonly direction: 'in' | 'out' | 'fwd'
  /** `10.5.0.0/16`; `0.0.0.0/0` for every address. */
  readonly source: string
  readonly destination: string
  /** Whatever else it selects on: `proto icmp`, `dport 80`, `dev eth0`, `mark 0x5/0xff`. */
  readonly selectors: readonly string[]
  /** The lowest counts. */
  readonly priority: number
  readonly isBlock: boolean
  /** True where packets must come or go encrypted. */
  readonly isRequired: boolean
  /** The first two lines, as printed. */
  readonly text: string
}

export interface Xfrm {
  readonly policies: readonly XfrmPolicy[]
  /** Security associations there are. */
  readonly associations: number
}
