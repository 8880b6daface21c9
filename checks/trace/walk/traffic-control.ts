/**
 * What tc does to a packet on a link: the queueing discipline of what leaves by it, filters of both ways (Linux
 * `net/sched/sch_blackhole.c`, `sch_netem.c`, `sch_tbf.c`, `tbf_enqueue`; `net/core/dev.c`, `sch_handle_ingress`).
 */
import { containsAddress, parsePrefix } from '../../model/address.ts'
import { isUp, type Link } from '../../model/link.ts'
import type { LinkFilter, Qdisc } from '../../model/traffic-control.ts'
import { every, type Headers, PROTOCOL_NUMBERS, type Truth } from '../filter/packet.ts'
import { headersOf } from './filters.ts'
import type { Kept, Problem, Walk } from './state.ts'
import { type HostView, line, unreadFact } from './world.ts'

/** The header in front of an IP packet on Ethernet. */
const ETHERNET = 14

/** A packet on a link, bytes of the IP packet. */
export interface OnLink {
  readonly link: string
  readonly direction: LinkFilter['direction']
  readonly packet: Pick<Headers, 'source' | 'destination' | 'protocol' | 'sourcePort' | 'destinationPort'>
  readonly size: number
}

/** The walked packet as it is now, on a link of a host or a container. */
export function onLink(walk: Walk, link: string, direction: OnLink['direction']): OnLink {
  return { link, direction, packet: headersOf(walk), size: walk.size }
}

/** A frame of full size takes a second of that: what waits behind a few is not answered in time. */
const TOO_SLOW = 12_000

function slowness({ link, kind, bitsPerSecond = TOO_SLOW }: Qdisc): string | undefined {
  if (bitsPerSecond >= TOO_SLOW) return undefined
  return `${kind} of ${link} lets out ${bitsPerSecond} bits a second: packets wait longer than anybody does for an answer`
}

/** Why a queue drops all packets of a size; undefined where it takes them. */
function refusedByQueue(qdisc: Qdisc, size: number) {
  const { link, kind, burst, limit, lossPercent = 0 } = qdisc
  const frame = size + ETHERNET
  if (kind === 'blackhole' || lossPercent >= 100)
    return `the queueing discipline ${kind} of ${link} drops everything`
  if (burst !== undefined && frame > burst) return `tbf of ${link} takes frames of ${burst} bytes at most`
  if (limit === undefined) return undefined
  const hasRoom = limit.most > 0 && (limit.unit === 'packets' || frame <= limit.most)
  return hasRoom ? undefined : `the queue of ${kind} on ${link} holds ${limit.most} ${limit.unit} at most`
}

function byQdisc(host: HostView, qdisc: Qdisc, size: number): Kept | undefined {
  const { link, kind, lossPercent = 0, isOpen, text } = qdisc
  const used = [line(host, 'trafficControl', text)]
  const refused = slowness(qdisc) ?? refusedByQueue(qdisc, size)
  if (refused !== undefined) return { problem: ['queue', refused], used }
  if (isOpen)
    return { problem: ['not-enough-facts', `what ${kind} of ${link} lets through was not read`], used }
  if (lossPercent === 0) return undefined
  return {
    problem: ['not-enough-facts', `netem of ${link} drops ${lossPercent} % of the packets by chance`],
    used,
  }
}

const WORD = /^match ([\da-f]{8})\/([\da-f]{8}) at (\d+)$/

/** The word of the IP header at an offset, as far as it is followed under a mask. */
function wordAt({ packet }: OnLink, offset: number, mask: number): number | undefined {
  if (offset === 12) return packet.source
  if (offset === 16) return packet.destination
  return offset === 8 && mask === 0x00ff0000 ? PROTOCOL_NUMBERS[packet.protocol] * 0x10000 : undefined
}

/** `match 0a000001/ffffffff at 16` of u32: a word of the IP header under a mask. */
function matchesWord(key: string, on: OnLink): Truth {
  const [, value, bits, offset] = WORD.exec(key) ?? []
  if (value === undefined || bits === undefined) return 'unknown'
  const mask = Number.parseInt(bits, 16)
  if (mask === 0) return true
  const seen = wordAt(on, Number(offset), mask)
  return seen === undefined ? 'unknown' : (seen & mask) === (Number.parseInt(value, 16) & mask)
}

function inPrefix(value: string, address: number): Truth {
  const prefix = parsePrefix(value)
  return prefix === undefined ? 'unknown' : containsAddress(prefix, address)
}

/** The keys of flower that are followed. */
const FLOWER: Readonly<Record<string, (value: string, on: OnLink) => Truth>> = {
  ip_proto: (value, { packet }) =>
    value === packet.protocol || Number(value) === PROTOCOL_NUMBERS[packet.protocol],
  src_ip: (value, { packet }) => inPrefix(value, packet.source),
  dst_ip: (value, { packet }) => inPrefix(value, packet.destination),
  src_port: (value, { packet }) => Number(value) === packet.sourcePort,
  dst_port: (value, { packet }) => Number(value) === packet.destinationPort,
}

function matchesKey(kind: string, key: string, on: OnLink): Truth {
  if (kind === 'u32') return matchesWord(key, on)
  const [name = '', value = ''] = key.split(' ')
  return (kind === 'flower' ? FLOWER[name]?.(value, on) : undefined) ?? 'unknown'
}

function matches({ kind, protocol, keys }: LinkFilter, on: OnLink): Truth {
  if (protocol !== 'ip' && protocol !== 'all') return false
  if (!['matchall', 'u32', 'flower'].includes(kind)) return 'unknown'
  return every(keys.map((key) => matchesKey(kind, key, on)))
}

const TAKES = {
  drop: 'drops it',
  redirect: 'takes it elsewhere',
  limit: 'drops what is too much',
  program: 'is a BPF program, which is not followed',
} as const

function keptByRoot(host: HostView, name: string, size: number): Kept | undefined {
  const fact = host.facts.trafficControl
  const root = fact.known && fact.value.qdiscs.find(({ link, isRoot }) => link === name && isRoot)
  return root ? byQdisc(host, root, size) : undefined
}

/** The link that a filter leads to. */
function targetOf(host: HostView, { redirectedTo = '' }: LinkFilter): Link | undefined {
  return host.links.get(redirectedTo)
}

/** What an ifb gets goes on where it came from, behind the queue of the ifb (Linux `drivers/net/ifb.c`). */
function leadsBack(to: Link | undefined): to is Link {
  return to?.kind === 'ifb' && isUp(to)
}

/** A filter that takes the packet, or may. */
function takenBy(host: HostView, filter: LinkFilter, answer: Truth): Kept | undefined {
  const { action, link, direction, text } = filter
  if (action === 'none' || action === 'pass') return undefined
  const to = targetOf(host, filter)
  const isCertain = answer === true && (action === 'drop' || action === 'redirect')
  const target = to === undefined ? '' : ` to ${to.name}${isUp(to) ? '' : ', which is set down'}`
  const why = `a filter of tc on ${link} (${direction}) ${TAKES[action]}${target}: ${text}`
  return {
    problem: [isCertain ? 'queue' : 'not-enough-facts', why],
    used: [line(host, 'trafficControl', text)],
  }
}

/** The first filter that matches decides; one that only may, where it would take the packet, leaves it open. */
function byFilter(host: HostView, filters: readonly LinkFilter[], on: OnLink): Kept | undefined {
  for (const filter of filters) {
    const answer = matches(filter, on)
    if (answer === false) continue
    if (answer === true && filter.action === 'pass') return undefined
    const to = targetOf(host, filter)
    if (leadsBack(to)) {
      if (answer === true) return keptByRoot(host, to.name, on.size)
      continue
    }
    const taken = takenBy(host, filter, answer)
    if (taken !== undefined) return taken
  }
  return undefined
}

/** An XDP program sees what comes in by a link before anything else does (Linux `net/core/dev.c`, `do_xdp_generic`). */
export function xdpProblem({ links }: HostView, name: string): Problem | undefined {
  const xdp = links.get(name)?.xdp
  if (xdp === undefined) return undefined
  return ['not-enough-facts', `the XDP program ${xdp} of ${name} decides, which is not followed`]
}

/** What keeps a packet on a link; undefined where XDP and tc let it through or were not read. */
export function keptByTc(host: HostView, on: OnLink): Kept | undefined {
  const program = on.direction === 'ingress' ? xdpProblem(host, on.link) : undefined
  if (program !== undefined) return { problem: program }
  const fact = host.facts.trafficControl
  if (!fact.known) return unreadFact(host, 'trafficControl')
  const filters = fact.value.filters.filter(
    ({ link, direction }) => link === on.link && direction === on.direction,
  )
  const taken = byFilter(host, filters, on)
  if (taken !== undefined || on.direction === 'ingress') return taken
  return keptByRoot(host, on.link, on.size)
}
