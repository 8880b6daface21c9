/** Queueing disciplines and filters of tc on the links of a host. */

export interface Qdisc {
  readonly link: string
  readonly kind: string
  readonly isRoot: boolean
  /** netem: share of packets that it drops, percent. */
  readonly lossPercent?: number
  /** tbf: bytes of the largest frame that it lets through. */
  readonly burst?: number
  /** The most that its queue holds: packets, or bytes of frames. */
  readonly limit?: { readonly most: number; readonly unit: 'packets' | 'bytes' }
  /** The most that it lets out, of all its classes together where it has any. */
  readonly bitsPerSecond?: number
  /** True where its settings were not read. */
  readonly isOpen?: true
  /** As printed. */
  readonly text: string
}

/** `limit` drops what is too much, `program` is BPF, `redirect` takes the frame elsewhere. */
export type FilterAction = 'drop' | 'redirect' | 'pass' | 'limit' | 'program' | 'none'

export interface LinkFilter {
  readonly link: string
  readonly direction: 'ingress' | 'egress'
  readonly kind: string
  /** `ip`, `all`, `arp`, … */
  readonly protocol: string
  /** What it matches: `dst_ip 10.0.0.1` of flower, `match 0a000001/ffffffff at 16` of u32. */
  readonly keys: readonly string[]
  readonly action: FilterAction
  /** Set where the action is to redirect: the link that gets the frame. */
  readonly redirectedTo?: string
  /** Number by which it is deleted. */
  readonly preference?: number
  /** The line that names it, as printed. */
  readonly text: string
}

export interface TrafficControl {
  readonly qdiscs: readonly Qdisc[]
  readonly filters: readonly LinkFilter[]
}
