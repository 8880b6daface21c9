/** Which of the kernel's drops are drops of our probe, and where it had been before. */

import { present } from '../../../checks/model/present.ts'
import type { KernelDrop } from '../../../checks/model/trace-observation.ts'
import type { PacketEvent, TraceText } from './ftrace-text.ts'

/**
 * Longest time between a packet's last hop and its drop. Buffers are used again at once, so a longer one would
 * take the drops of strangers for ours; a packet that waits for its neighbour is the exception, see below.
 */
const LONGEST_STEP_S = 0.005
/** A packet waits for neighbour resolution for three tries of a second (neigh/default/*_solicit, retrans_time). */
const WAITING_REASONS: ReadonlySet<string> = new Set(['NEIGH_FAILED', 'NEIGH_QUEUEFULL', 'QUEUE_PURGE'])
const LONGEST_WAIT_S = 5
const NORMAL_END = /^(ping_rcv|icmp_rcv|raw_local_deliver|packet_rcv|tpacket_rcv|tcp_v4_rcv)$/
/** Reasons that say "nobody else wanted this copy". */
const UNWANTED: ReadonlySet<string> = new Set(['NO_SOCKET', 'CONSUMED', 'SOCKET_FILTER'])

function isNormal({ location = '', reason = '' }: PacketEvent): boolean {
  return NORMAL_END.test(location) && UNWANTED.has(reason)
}

function isRecent(hop: PacketEvent | undefined, drop: PacketEvent): boolean {
  if (hop === undefined) return false
  // Sockets that close purge their queues too, of buffers that were the probe's before: only the neighbour's counts.
  if (drop.reason === 'QUEUE_PURGE' && !/neigh/.test(drop.location ?? '')) return false
  const waited = WAITING_REASONS.has(drop.reason ?? '')
  return drop.time - hop.time <= (waited ? LONGEST_WAIT_S : LONGEST_STEP_S)
}

interface WallClock {
  readonly exact: boolean
  /** Milliseconds since 1970 at a time of the trace clock. */
  readonly wall: (time: number) => number
}

/** The tai clock differs from the wall clock by whole seconds; another is tied to it by a mark, to a millisecond. */
function wallClock({ offset }: TraceText, exact: boolean): WallClock {
  const seconds = exact ? Math.round(offset ?? 0) : (offset ?? 0)
  return { exact: exact && offset !== undefined, wall: (time) => (time + seconds) * 1000 }
}

function kernelDrop(
  event: PacketEvent,
  path: readonly PacketEvent[],
  { exact, wall }: WallClock,
): KernelDrop {
  return {
    at: wall(event.time),
    exact,
    ...present({ reason: event.reason }),
    location: event.location ?? 'unknown',
    hops: path.map(({ time, link = '', event: what }) => ({
      link,
      way: what === 'net_dev_start_xmit' ? 'sent' : 'received',
      at: wall(time),
    })),
    normal: isNormal(event),
  }
}

/** The drops among the events whose packet was on a link just before; the rest are other packets of the machine. */
export function ourDrops(trace: TraceText, exact: boolean): readonly KernelDrop[] {
  const clock = wallClock(trace, exact)
  const paths = new Map<string, PacketEvent[]>()
  const drops: KernelDrop[] = []
  for (const event of trace.events.toSorted((a, b) => a.time - b.time)) {
    const path = paths.get(event.skb) ?? []
    const follows = isRecent(path.at(-1), event)
    if (event.event !== 'kfree_skb') {
      paths.set(event.skb, follows ? [...path, event] : [event])
      continue
    }
    paths.delete(event.skb)
    if (follows) drops.push(kernelDrop(event, path, clock))
  }
  return drops
}
