/** A packet under way: what it carries, where it is, and the hops it has left behind. */
import type { Evidence } from '../../check.ts'
import type { HostName } from '../../model/snapshot.ts'
import type { Translation as NatTranslation } from '../filter/nat.ts'
import type { Headers, Mark, Protocol } from '../filter/packet.ts'
import type { Hook } from '../filter/rule.ts'
import type { LosingRule } from '../filter/verdict.ts'
import type { Drop, Endpoint, Hop, Stage, Trace } from '../trace.ts'
import type { Owner, World } from './world.ts'

/** The packet that is walked: an ICMP echo with the don't-fragment bit unless its protocol is named. */
export interface WalkPacket {
  /** Bytes of the IPv4 packet: 84 for a plain ping. */
  readonly size: number
  /** Time to live it starts with; default 64. */
  readonly ttl?: number
  /** Default icmp: an echo request. tcp is the first packet of a connection. */
  readonly protocol?: Protocol
  /** Default a port that no rule should name. */
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** Set where it is sent to a service and the end that is walked to answers for it. */
  readonly service?: WalkedService
}

/** A service that a packet is sent to; rules give it to one of its ends. */
export interface WalkedService {
  /** Its address; the packet is sent to the port that the packet names. */
  readonly address: number
  /** The port of its ends. */
  readonly endPort: number
}

/** Destination NAT on the way of a request, undone on that of its answer. */
export interface Redirection {
  /** The host or container whose rule it is, and that rule. */
  readonly place: string
  readonly original: number
  readonly destination: number
  readonly destinationPort?: number
  readonly rule: LosingRule
}

/** Source NAT that a host did to the request and undoes to the reply. */
export interface Translation {
  readonly host: HostName
  /** Set where it was done inside a container. */
  readonly container?: string
  readonly original: number
  readonly translated: number
  readonly rule: LosingRule
}

/** Where the packet is. Each step takes it from one place to the next. */
export type Position =
  /** Came in by a link of the host, outer headers off. */
  | { readonly at: 'arrived'; readonly host: HostName; readonly link: string }
  /** Routed and let through: to be sent by the link to the next hop. */
  | { readonly at: 'leaving'; readonly host: HostName; readonly link: string; readonly nextHop: number }
  /** Put into an outer packet that the host sends. */
  | { readonly at: 'encapsulated'; readonly host: HostName; readonly outer: Outer }
  /** The outer packet came to a host. */
  | { readonly at: 'carried'; readonly by: Owner; readonly outer: Outer }

/** The packet that carries ours over the underlay. */
export interface Outer {
  readonly kind: 'vxlan' | 'udp'
  readonly sender: HostName
  /** The flannel link that made it. */
  readonly link: string
  /** Absent where the route decides it. */
  readonly source?: number
  /** The source it has where its flow is younger than a NAT rule of its sender. */
  readonly otherSource?: number
  readonly destination: number
  readonly port: number
  /** What the kernel keeps of the packet inside: its mark, and its headers for filters that look there. */
  readonly mark?: Mark
  readonly inner?: Headers
  /** Time to live; absent before its sender's route is known, and behind routers, as it is not known how many there are. */
  readonly ttl?: number
  /** The rule that wrote it, where one did. */
  readonly ttlRule?: LosingRule
  /** Bytes of the outer IPv4 packet. */
  readonly size: number
  /** udp's datagrams are cut to fit, and so are those around a packet without the don't-fragment bit. */
  readonly mayBeCut: boolean
  /** Underlay link the vxlan link was made on; FDB entries are sent by route nevertheless, but for one with a link of its own. */
  readonly underlay?: string
  readonly via?: string
  readonly vxlan?: { readonly vni: number; readonly mac: string; readonly sourceMac?: string }
}

/** One walk. Steps change it; it ends once `ends` is set. */
export interface Walk {
  readonly world: World
  readonly direction: Trace['direction']
  readonly from: Endpoint
  readonly to: Endpoint
  readonly hops: Hop[]
  /** Hosts whose forwarding has seen it, with the link it came by. */
  readonly visited: Set<string>
  /** What hosts on the way did to the source address. */
  readonly made: Translation[]
  /** What rules made of its destination. */
  readonly redirected: Redirection[]
  /** The walk of the request, where this is the reply. */
  readonly request: Walk | undefined
  source: number
  destination: number
  /** Bytes of the packet, or of its largest piece. */
  size: number
  ttl: number
  /** As the sender made it; the reply has the ports the other way round. */
  readonly packet: WalkPacket
  mark: Mark
  /** Where its time to live was written last, and the rule or, in words, the route that did. */
  shortened: HopParts | undefined
  /** Set where the filters at output marked it, so that its route is looked up again. */
  isRerouted: boolean
  /** What NAT does to it at the hook that it has passed last. */
  translation: NatTranslation | undefined
  /** A hop before the last that made the end inevitable. */
  culprit: Hop | undefined
  /** The hosts and containers in which a rule took it out of connection tracking. */
  readonly untracked: Set<string>
  /** The zones of connection tracking that rules of hosts and containers put it in. */
  readonly zones: Map<string, number>
  /** Filters on the way that could not be read: it arrives only if they let it through. */
  unread: HopParts | undefined
  ends: Trace['ends'] | undefined
}

/** Why a packet goes no further, and in which words. */
export type Problem = readonly [drop: Drop, why: string]

/** A problem with the line that shows it. */
export interface Kept {
  readonly problem: Problem
  /** The link that keeps it, where that is another than the one it came to. */
  readonly link?: string
  readonly used?: readonly Evidence[]
  readonly rule?: LosingRule
}

export interface HopParts {
  readonly stage: Stage
  readonly host: HostName
  readonly link?: string
  readonly container?: string
  readonly used?: readonly Evidence[]
  readonly why?: string
  readonly rule?: LosingRule
  readonly hook?: Hook
  /** The link it was to leave by, where the filters would let it out by another. */
  readonly refusedLink?: string
  /** Set where it is lost as the first packet of a connection and passes as one of it: which it is, is not known. */
  readonly isLostAsNew?: true
}

/** The packet gets through here. */
export function pass(walk: Walk, parts: HopParts): void {
  walk.hops.push({ ...parts, used: parts.used ?? [], predicted: 'forwarded' })
}

/** The packet ends here. */
export function lose(walk: Walk, drop: Drop, parts: HopParts): undefined {
  walk.hops.push({ ...parts, used: parts.used ?? [], predicted: drop })
  walk.ends = drop
}

/** The packet ends here, and a line shows why. */
export function loseKept(walk: Walk, { problem: [drop, why], ...shown }: Kept, parts: HopParts): undefined {
  return lose(walk, drop, { ...parts, ...shown, why })
}

/** Ends the walk where something keeps the packet; says whether it goes on. */
export function isFree(walk: Walk, kept: Kept | undefined, parts: HopParts): boolean {
  if (kept !== undefined) loseKept(walk, kept, parts)
  return kept === undefined
}

/** The packet has reached the end it was sent to, where every filter on the way is known. */
export function deliver(walk: Walk, parts: HopParts): undefined {
  if (walk.unread !== undefined) return lose(walk, 'not-enough-facts', walk.unread)
  pass(walk, parts)
  walk.ends = 'delivered'
}

/** True once the packet has left the host it was sent on. */
export function isAway(walk: Walk, host: HostName): boolean {
  return host !== walk.from.host || walk.hops.some((hop) => hop.host !== host)
}
