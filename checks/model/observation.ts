/** What was seen by sending packets: pings and the path MTU they show. Facts are read, observations are made. */
import type { Absence, HostName } from './snapshot.ts'
import type { TraceObservation, UntracedObservation } from './trace-observation.ts'

/** An end of a probe. `container` is absent for the host itself. */
export interface ProbeEnd {
  readonly host: HostName
  readonly container?: string
  /** The subnet of its lease, where the host itself was not looked at: `host` is then its public IP. */
  readonly lease?: string
}

/**
 * Who pings whom between host A and host B: `hu` host A to B's public IP over the underlay · `hv` host A to the address
 * of B's flannel link, where B is known by its lease alone · `hd` host A to B's bridge address · `cd` container on A to B's bridge address · `hc` host A
 * to a container on B · `cc` container on A to a container on B.
 */
export const PING_PATTERNS = ['hu', 'hv', 'hd', 'cd', 'hc', 'cc'] as const
export type PingPattern = (typeof PING_PATTERNS)[number]

/** What a host or the own kernel said instead of an answer. */
export interface PingError {
  readonly kind: 'unreachable' | 'too-long' | 'ttl-exceeded' | 'filtered' | 'not-permitted' | 'other'
  /** ping's own words, one line. */
  readonly text: string
  /** Who said it, an address; absent for the own kernel. */
  readonly by?: string
  /** `too-long`: the MTU that was named, bytes. */
  readonly mtu?: number
}

/** Why nothing could be sent. */
export interface SendProblem {
  readonly why: Absence
  readonly detail: string
}

/** Several echo requests of one size along one path. */
export interface PingObservation {
  readonly kind: 'ping'
  readonly pattern: PingPattern
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  /** IPv4 address that was pinged. */
  readonly address: string
  /** The whole IP packet in bytes; sent with the don't-fragment bit. */
  readonly size: number
  /** True when it is as large as the MTU allows. */
  readonly full: boolean
  readonly sent: number
  readonly received: number
  /** Milliseconds. */
  readonly rttMs?: { readonly min: number; readonly avg: number; readonly max: number }
  /** Time to live of the first reply. */
  readonly ttl?: number
  /** Replies beyond one per request: two answer. */
  readonly duplicates?: number
  readonly error?: PingError
  /** Why nothing could be sent; the counts are then 0. */
  readonly problem?: SendProblem
  /** What a person types to see it, at the sending end. */
  readonly command: string
}

/** The measured part of a ping. */
export type PingReading = Pick<
  PingObservation,
  'sent' | 'received' | 'rttMs' | 'ttl' | 'duplicates' | 'error' | 'problem'
>

/** The largest packet that arrived where full-size ones did not. */
export interface PathMtuObservation {
  readonly kind: 'path-mtu'
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  readonly address: string
  /** Bytes that arrived and, one step above, bytes that did not; next to each other when measured exactly. */
  readonly passes: number
  readonly fails: number
}

/**
 * What came back when a datagram was sent to the UDP port of another host's overlay. `closed`: "port unreachable",
 * nothing listens or a filter rejects · `prohibited`: another refusal that only filters and routers send ·
 * `unreachable`: the own kernel did not send it · `open-or-filtered`: nothing came, as from an open port.
 */
export const PORT_STATES = ['open-or-filtered', 'closed', 'prohibited', 'unreachable'] as const
export type PortState = (typeof PORT_STATES)[number]

/** The UDP port of the overlay on one host, asked from another's own network where no ping of the overlay was answered. */
export interface TunnelPortObservation {
  readonly kind: 'tunnel-port'
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  /** Public IP of the asked host. */
  readonly address: string
  readonly port: number
  /** Absent where nothing could be sent, see `problem`. */
  readonly state?: PortState
  /** The kernel's words, one line. */
  readonly error?: string
  readonly problem?: SendProblem
  /** What a person types to see it, at the sending end. */
  readonly command: string
}

/** Protocols that are tried beside pings. */
export const CONNECTION_PROTOCOLS = ['tcp', 'udp'] as const
export type ConnectionProtocol = (typeof CONNECTION_PROTOCOLS)[number]

/**
 * What came of a TCP connection or of a UDP datagram to a listener of ours. `answered`: it gave back what was sent ·
 * `stalled`: TCP only, it opened and some thousand octets did not come back · `refused`: by somebody else, since the
 * listener was there · `lost`: nothing came.
 */
export const CONNECTION_STATES = ['answered', 'stalled', 'refused', 'lost'] as const
export type ConnectionState = (typeof CONNECTION_STATES)[number]

/** A connection between ends whose pings are answered, to a port that no rule should name. */
export interface ConnectionObservation {
  readonly kind: 'connection'
  readonly protocol: ConnectionProtocol
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  readonly address: string
  /** Absent where nothing listened, see `problem`. */
  readonly port?: number
  readonly state?: ConnectionState
  /** The kernel's words, one line. */
  readonly error?: string
  readonly problem?: SendProblem
  /** What a person types to see it, at the sending end. */
  readonly command: string
}

/** Echo requests by IPv6 through the overlay, where flannel carries both families. */
export interface Ipv6PingObservation extends PingReading {
  readonly kind: 'ipv6-ping'
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  /** IPv6 address that was pinged. */
  readonly address: string
  /** The whole packet in bytes; no router divides one of IPv6. */
  readonly size: number
  /** True when it is as large as the links of both ends carry. */
  readonly full: boolean
  /** What a person types to see it, at the sending end. */
  readonly command: string
}

/** Which of all ordered pairs of hosts were probed, and what could not be. */
export interface ProbePlanObservation {
  readonly kind: 'probe-plan'
  /** Ordered pairs of hosts that were probed, of all there are. */
  readonly pairs: number
  readonly ofPairs: number
  /** Leases of hosts that were not looked at, and how many of them were pinged; absent where there are none. */
  readonly leases?: { readonly pinged: number; readonly all: number }
  /** How the probed ones were chosen when they are not all. */
  readonly sampledBy?: string
  /** Hosts and ends left out, with the reason. */
  readonly leftOut: readonly { readonly end: ProbeEnd; readonly reason: string }[]
}

/** What `--probe` sees. */
export type ProbeObservation =
  | PingObservation
  | PathMtuObservation
  | TunnelPortObservation
  | ConnectionObservation
  | Ipv6PingObservation
  | ProbePlanObservation
export type Observation = ProbeObservation | TraceObservation | UntracedObservation
export type ObservationKind = Observation['kind']

/** True for what probes saw; false for what was seen of a packet that was followed. */
export function isProbeObservation(one: Observation): one is ProbeObservation {
  return one.kind !== 'trace' && one.kind !== 'untraced'
}

/**
 * True when the sending kernel itself refused the size, though its link takes it: it goes by a path MTU that it was
 * told up to ten minutes ago (`net.ipv4.route.mtu_expires`), so nothing was learned about the path as it is now.
 * A host's own ping through the overlay (`hd`) is no such case: its flannel link may really be smaller.
 */
export function isPathMtuRemembered({ pattern, error }: PingObservation): boolean {
  return pattern !== 'hd' && error?.kind === 'too-long' && error.by === undefined
}
