/**
 * What was seen of one packet that was followed: by taps, by the kernels' own words and by counters. Nothing here is a
 * conclusion: those are drawn again from it, whenever it is judged (`checks/trace/seen/`).
 */
import type { ConnectionProtocol, PingReading } from './observation.ts'
import type { Endpoint, Stage } from './path.ts'

/** A link on which a tap was set. */
export interface TapPoint {
  readonly host: string
  /** The container that has the link; absent for a link of the host. */
  readonly container?: string
  readonly link: string
  readonly stage: Stage
}

/** The packet, its answer, or an ICMP error that quotes it. */
export const PACKET_PARTS = ['request', 'reply', 'error'] as const
export type PacketPart = (typeof PACKET_PARTS)[number]

/** One passage of the packet. */
export interface TapSighting {
  readonly part: PacketPart
  readonly sequence: number
  /** Milliseconds since 1970 by the clock of the tap's host. */
  readonly at: number
}

/** What one tap has to say. */
export interface TapObservation {
  readonly place: TapPoint
  readonly sightings: readonly TapSighting[]
  /** Why not having seen something proves nothing here; absent when it does prove that it was not there. */
  readonly unproven?: string
}

/** One link on a packet's way through a kernel. */
export interface KernelHop {
  readonly link: string
  readonly way: 'sent' | 'received'
  /** Milliseconds since 1970, as far as `KernelDrop.exact` says. */
  readonly at: number
}

export interface KernelDrop {
  /** Milliseconds since 1970 by the clock of that kernel. */
  readonly at: number
  /** Whether `at` compares with the times of taps on the same kernel to the microsecond. */
  readonly exact: boolean
  /** The kernel's name, such as NETFILTER_DROP; absent before 5.17. */
  readonly reason?: string
  /** Function of the kernel that dropped it; a bare address where the kernel hides its symbols. */
  readonly location: string
  /** The links it passed on this kernel, oldest first. Names repeat: every host has a docker0. */
  readonly hops: readonly KernelHop[]
  /** The end of every healthy ping: the reply was taken by ping's socket and its last copy has no other. */
  readonly normal: boolean
}

/** What a rule trace saw drop the packet. */
export interface RuleDrop {
  readonly family: string
  readonly table: string
  readonly chain: string
  /** The rule as nft writes it; absent when the chain's policy dropped. Comments of iptables are not in it. */
  readonly rule?: string
  readonly inputLink?: string
  readonly outputLink?: string
  readonly source?: string
  readonly destination?: string
  /** The tunnel's packet was dropped, with the ping in it. */
  readonly tunnelled: boolean
}

export const RULE_BACKENDS = ['legacy', 'nft'] as const

/** A rule or policy that `iptables-save -c` prints, with its count. */
export interface CountedRule {
  readonly backend: (typeof RULE_BACKENDS)[number]
  readonly table: string
  readonly chain: string
  /** The rule without its counters; absent for a chain's policy. Comes from the host: show it as text only. */
  readonly rule?: string
  /** Of a policy, or the rule's target where it ends the packet's way: ACCEPT, DROP, REJECT … */
  readonly target?: string
  readonly packets: number
}

/** A counter of errors or drops that grew meanwhile. */
export type CounterDelta =
  | { readonly kind: 'protocol'; readonly name: string; readonly by: number }
  | { readonly kind: 'link'; readonly link: string; readonly name: string; readonly by: number }
  | { readonly kind: 'rule'; readonly rule: CountedRule; readonly by: number }

/** What told where a packet went: the evidence ladder. */
export const RUNGS = ['counters', 'taps', 'tracefs', 'nft-trace'] as const
export type Rung = (typeof RUNGS)[number]

/** Drops that one kernel, or the rule trace of one network, reported. */
export interface DropsAt<D> {
  readonly host: string
  readonly drops: readonly D[]
  /** Why no drop here proves nothing; absent when it does. */
  readonly unproven?: string
}

/** What was sent in place of pings: the first packets of TCP connections, or UDP datagrams. */
export interface FollowedPacket {
  readonly protocol: ConnectionProtocol
  readonly sourcePort: number
  readonly destinationPort: number
  /** What the target said: `closed`, nothing listens on the port. Absent where nothing of it came back. */
  readonly answer?: PortAnswer
}

export const PORT_ANSWERS = ['open', 'closed'] as const
export type PortAnswer = (typeof PORT_ANSWERS)[number]

/** One packet that was followed from end to end, with everything that was seen of it. */
export interface TraceObservation {
  readonly kind: 'trace'
  readonly from: Endpoint
  readonly to: Endpoint
  /** Absent for a ping. */
  readonly packet?: FollowedPacket
  /** The whole IP packet, bytes. */
  readonly size: number
  /** True where it was followed because smaller ones of the same trace were answered and this size was not. */
  readonly isLarge?: true
  /** Set where it was followed because this other size was answered, bytes, and its own was not. */
  readonly answered?: number
  readonly ping: PingReading
  /** Sent as large as both ends take, after the smaller one was answered. */
  readonly fullPing?: PingReading & { readonly size: number }
  /** False where times of two hosts do not compare. */
  readonly oneClock: boolean
  /** In the order of the request's way. */
  readonly taps: readonly TapObservation[]
  readonly drops: readonly DropsAt<KernelDrop>[]
  readonly rules: readonly DropsAt<RuleDrop>[]
  readonly counters: readonly { readonly host: string; readonly deltas: readonly CounterDelta[] }[]
  /** Rungs that a host did not allow, with the reason. */
  readonly missing: readonly { readonly rung: Rung; readonly host: string; readonly reason: string }[]
}

/** A packet that was to be followed and could not be: its ends could not be read, or the run was stopped before. */
export interface UntracedObservation {
  readonly kind: 'untraced'
  /** As typed. */
  readonly source: string
  readonly target: string
  readonly reason: string
}
