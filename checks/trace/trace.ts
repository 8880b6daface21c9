/**
 * The path of one packet, hop by hop: what the snapshot predicts, what was seen, and where
 * it ended. One trace is one direction; a ping is a request trace and a reply trace.
 */
import type { Evidence } from '../check.ts'
import type { Endpoint, Stage } from '../model/path.ts'
import type { HostName } from '../model/snapshot.ts'
import type { Hook } from './filter/rule.ts'
import type { LosingRule } from './filter/verdict.ts'

export { type Endpoint, STAGES, type Stage } from '../model/path.ts'

/** Why a packet goes no further; a closed set. */
export type Drop =
  | 'no-route'
  | 'wrong-route'
  | 'no-neighbour'
  | 'wrong-neighbour'
  | 'no-fdb'
  | 'wrong-vtep'
  | 'link-down'
  | 'too-big'
  | 'filtered'
  /** A rule gives it another destination. */
  | 'redirected'
  /** A rule wrote a time to live that does not last. */
  | 'expired'
  | 'forwarding-off'
  | 'reverse-path'
  /** An IPsec policy blocks it or wants it encrypted. */
  | 'ipsec'
  /** tc drops it on a link. */
  | 'queue'
  /** The address is local to a host that should pass the packet on. */
  | 'captured'
  /** No socket takes the encapsulated packet: wrong port, link down or missing. */
  | 'not-listening'
  | 'vni-mismatch'
  /** The receiver got it and does not answer. */
  | 'no-answer'
  | 'lost-on-underlay'
  | 'loop'
  | 'not-enough-facts'

export interface Hop {
  readonly host: HostName
  readonly stage: Stage
  readonly link?: string
  /** The container whose link it is; absent for a link of the host. */
  readonly container?: string
  /** The entries the prediction used: route, neighbour, FDB entry, rule. */
  readonly used: readonly Evidence[]
  readonly predicted: 'forwarded' | Drop
  /** Whether a tap saw the packet here; absent where none was set or none proved that it works. */
  readonly seen?: boolean
  /** Milliseconds after the first sighting. */
  readonly at?: number
  /** What decided, in words: the rule, the missing entry, the differing values. */
  readonly why?: string
  /** The packet filter rule or policy that takes the packet, or that leaves it open whether it does. */
  readonly rule?: LosingRule
  /** Where in the kernel's way that rule is asked. */
  readonly hook?: Hook
  /** The link it was to leave by, where the filters would let it out by another. */
  readonly refusedLink?: string
  /** Set where it is lost as the first packet of a connection and passes as one of it: which it is, is not known. */
  readonly isLostAsNew?: true
}

/** One direction of one packet. */
export interface Trace {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly direction: 'request' | 'reply'
  readonly hops: readonly Hop[]
  readonly ends: 'delivered' | Drop
  readonly agreement: 'confirmed' | 'predicted-only' | 'contradicted'
  /** Where a rule made its end inevitable, where that is not the place at which it ends. */
  readonly culprit?: Hop
  /** Position in `hops` of the last hop at which a tap saw the packet. */
  readonly lastSeen?: number
}
