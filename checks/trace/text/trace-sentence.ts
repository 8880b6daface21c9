/** What a trace says in one sentence: where the packet was lost and what that means. */
import { endName } from '../../model/path.ts'
import type { FollowedPacket } from '../../model/trace-observation.ts'
import { lossOf } from '../seen/loss.ts'
import type { Drop, Hop, Trace } from '../trace.ts'

const MEANINGS: Readonly<Record<Drop, string>> = {
  'no-route': 'there is no route for it',
  'wrong-route': 'its route leads elsewhere',
  'no-neighbour': 'there is no neighbour entry for the next hop',
  'wrong-neighbour': 'the neighbour entry has the MAC address of another',
  'no-fdb': 'there is no FDB entry for the VTEP of the peer',
  'wrong-vtep': 'it is addressed to another VTEP',
  'link-down': 'the link is down or missing',
  'too-big': 'it is too large for a link on the way',
  filtered: 'a packet filter drops it',
  redirected: 'a NAT rule sends it elsewhere',
  expired: 'its time to live runs out',
  'forwarding-off': 'forwarding is switched off',
  'reverse-path': 'the reverse path filter drops it: the way back leads over another link',
  ipsec: 'an IPsec policy blocks it',
  queue: 'the queueing discipline or a filter of tc drops it',
  captured: 'a host on the way has the address itself and takes the packet',
  'not-listening': 'nothing there takes packets of the overlay',
  'vni-mismatch': 'the other end has another VNI',
  'no-answer':
    'the container got it and does not answer: its own firewall, no route for the answer, or nobody answers its ARP request',
  'lost-on-underlay': 'a firewall or the network between the two hosts takes it',
  loop: 'it runs in a loop',
  'not-enough-facts': 'the collected state does not show why',
}

const CHANGED = 'its checksum is wrong: something on the way has changed its bytes'

/** Why kernels drop packets (include/net/dropreason-core.h and the vxlan ones), as far as a flannel network meets them. */
const KERNEL_REASONS: Readonly<Record<string, string>> = {
  NETFILTER_DROP: 'a packet filter rule dropped it',
  NO_TX_TARGET: 'nothing leads to the destination MAC address: no FDB entry',
  VXLAN_NO_REMOTE: 'nothing leads to the destination MAC address: no FDB entry',
  VXLAN_VNI_NOT_FOUND: 'no vxlan link of that host has the VNI of the packet',
  IP_INADDRERRORS: 'forwarding is off, or the address is not valid there',
  IP_INNOROUTES: 'no route leads to the destination',
  IP_OUTNOROUTES: 'no route leads to the destination',
  IP_RPFILTER: 'the reverse path filter dropped it',
  NO_SOCKET: 'nothing listens on the port of the overlay',
  OTHERHOST:
    'the frame is addressed to a MAC address that the link does not have: a stale neighbour or VTEP MAC',
  NEIGH_FAILED: 'nobody answers for the next hop: no neighbour entry, and ARP got no answer',
  PKT_TOO_BIG: 'it is larger than the MTU',
  DEV_READY: 'the link was down',
  TC_INGRESS: 'a tc filter on the link dropped it',
  ICMP_CSUM: CHANGED,
  TCP_CSUM: CHANGED,
  UDP_CSUM: CHANGED,
  IP_CSUM: CHANGED,
  SKB_CSUM: CHANGED,
  XDP: 'an XDP program on the link dropped it',
}

/** Names by which a kernel says that it has no reason to tell. */
const SILENT: ReadonlySet<string> = new Set(['NOT_SPECIFIED', 'UNSPECIFIED'])

/** Reasons that say no more than what the trace says itself. */
const SAME: Readonly<Partial<Record<Drop, readonly string[]>>> = {
  'no-fdb': ['NO_TX_TARGET', 'VXLAN_NO_REMOTE'],
  'no-route': ['IP_INNOROUTES', 'IP_OUTNOROUTES'],
  'no-neighbour': ['NEIGH_FAILED'],
  'reverse-path': ['IP_RPFILTER'],
  'too-big': ['PKT_TOO_BIG'],
  'link-down': ['DEV_READY'],
  'not-listening': ['NO_SOCKET'],
  'vni-mismatch': ['VXLAN_VNI_NOT_FOUND'],
  filtered: ['NETFILTER_DROP'],
}

/** A hop by its link, or by its stage where it has none. */
export function hopText(hop: Hop): string {
  return `${endName(hop)} ${hop.link ?? `(${hop.stage})`}`
}

/** A kernel's drop reason in words, with its name. */
function kernelReasonText(reason: string): string {
  const words = KERNEL_REASONS[reason]
  return words === undefined ? `the kernel says ${reason}` : `${words} (${reason})`
}

function refusalText({ from }: Trace, { mtu }: NonNullable<MoreKnown['refused']>): string {
  const size = mtu === undefined ? 'a packet of this size' : `more than ${mtu} bytes, the MTU it knows`
  return `was not sent: the kernel of ${endName(from)} itself refuses ${size}`
}

function place(trace: Trace, { refused }: MoreKnown): string {
  if (refused !== undefined && trace.lastSeen === undefined) return refusalText(trace, refused)
  const { last, missing, between = [] } = lossOf(trace) ?? {}
  if (last) {
    const seen = `seen on ${hopText(last)}`
    return missing ? `was ${seen} and never on ${hopText(missing)}` : `was last ${seen}`
  }
  if (missing) return `never came to ${hopText(missing)}`
  const [first] = between
  return first === undefined ? 'is lost' : `is lost at ${hopText(first)}`
}

/** What a trace cannot know by itself. */
export interface MoreKnown {
  /** What carries the overlay: `UDP 8472`. */
  readonly carrier?: string
  /** The kernel's drop reason. */
  readonly reason?: string
  /** The rule that dropped it. */
  readonly rule?: string
  /** Time to live of the answer, and the one that an answer of the asked end has. */
  readonly ttl?: number
  readonly dueTtl?: number
  /** What was sent in place of a ping. */
  readonly packet?: Pick<FollowedPacket, 'protocol' | 'destinationPort'>
  /** The sender's own kernel refused to send it; `mtu` is the MTU it knows, bytes. */
  readonly refused?: { readonly mtu?: number }
}

/** What the trace itself tells; nothing where it has no reason and a kernel has one. */
function ownWords(trace: Trace, ends: Drop, isToldByKernel: boolean): readonly string[] {
  if (ends === 'not-enough-facts' && isToldByKernel) return []
  const why = lossOf(trace)?.between.find(({ predicted }) => predicted !== 'forwarded')?.why
  const isShown = why !== undefined && trace.agreement !== 'contradicted'
  return [MEANINGS[ends], ...(isShown ? [why] : [])]
}

/** Who answered: the host of which the state shows that it has the address. */
function answererText(trace: Trace, { ttl, dueTtl }: MoreKnown): string {
  const known = trace.agreement === 'contradicted' ? undefined : lossOf(trace)?.between[0]?.host
  const due = dueTtl === undefined ? '' : ` where one of ${endName(trace.to)} has ${dueTtl}`
  return `the answer, TTL ${ttl}${due}, is from ${known ?? 'another host'} and not from the container`
}

function toldReason({ reason }: MoreKnown): string | undefined {
  return reason === undefined || SILENT.has(reason) ? undefined : reason
}

/** Nothing is said twice. */
function reasonWords(ends: Drop, reason: string): string {
  return SAME[ends]?.includes(reason) ? `the kernel says ${reason}` : kernelReasonText(reason)
}

function meaning(trace: Trace, ends: Drop, more: MoreKnown): string {
  const { carrier, rule, ttl } = more
  const reason = toldReason(more)
  const parts = [
    ...ownWords(trace, ends, (reason ?? rule) !== undefined),
    ends === 'lost-on-underlay' && carrier,
    ends === 'captured' && ttl !== undefined && answererText(trace, more),
    reason !== undefined && reasonWords(ends, reason),
    rule !== undefined && `rule: ${rule}`,
  ]
  return parts.filter((part) => typeof part === 'string').join('; ')
}

/** One sentence without a full stop. */
export function traceText(trace: Trace, more: MoreKnown = {}): string {
  const { from, to, direction, ends } = trace
  const { packet } = more
  const port = packet && ` for ${packet.protocol.toUpperCase()} port ${packet.destinationPort}`
  const who = `the ${direction}${port ?? ''} from ${endName(from)} to ${endName(to)}`
  if (ends === 'delivered') return `${who} arrived`
  return `${who} ${place(trace, more)}: ${meaning(trace, ends, more)}`
}
