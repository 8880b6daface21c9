/** What ping(8) of iputils printed, to counts, round trip times, time to live and what went wrong. */
import type { PingError, PingReading } from '../../../checks/model/observation.ts'
import { present } from '../../../checks/model/present.ts'
import { oneLine } from '../../collect/section/absence.ts'

const STATISTICS = /^(\d+) packets transmitted, (\d+) (?:packets )?received(?:, \+(\d+) duplicates)?/m
const ROUND_TRIP = /^(?:rtt|round-trip) min\/avg\/max(?:\/mdev)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/m
const REPLY = /^\d+ bytes from ([\d.]+|[\da-f:]+): icmp_seq=\d+ ttl=(\d+)/m
const FROM = /^From ([\d.]+|[\da-f:]+)(?:%\S+)?(?::| \([^)]*\))? icmp_seq=\d+ (.+)$/m
const FROM_KERNEL = /^ping: (?:local error|connect|sendmsg|sendto): (.+)$/im
/** A `prohibit` route answers connect(2) with EACCES, which ping takes for a broadcast address. */
const PROHIBITED = /^ping: (Do you want to ping broadcast.*)$/m
const LOCAL_TOO_LONG = /message too long(?:, mtu[ =]+(\d+))?/i
const FRAGMENTATION =
  /^(?:Frag(?:mentation)? needed(?: and DF set)?(?: \(mtu = |$)|Packet too big(?:: mtu[ =]+|$))(\d+)?/i

/** Kinds of errors by their words, first match wins. */
const KINDS: readonly (readonly [RegExp, PingError['kind']])[] = [
  [/packet filtered|prohibited/i, 'filtered'],
  [/unreachable|no route to host/i, 'unreachable'],
  [/time to live exceeded|time exceeded/i, 'ttl-exceeded'],
  [/not permitted|permission denied/i, 'not-permitted'],
]

/** Ways in which no packet was sent at all, by exit status and words. */
const PROBLEMS: readonly (readonly [RegExp, NonNullable<PingReading['problem']>['why']])[] = [
  [/cannot open .*no such file|no such process/i, 'missing'],
  [
    /reassociate to namespace|cannot open .*not permitted|execute ping: operation not permitted/i,
    'not-permitted',
  ],
  [/not found|failed to execute/i, 'not-installed'],
  [/socket: (operation not permitted|permission denied)|cannot flood/i, 'not-permitted'],
  [/usage:|(invalid|unrecognized) option|invalid argument: '/i, 'not-installed'],
]

/** Linux caps the quoted MTU at 65535; 0 stands for a router that names none (RFC 1191). */
function mtuOf(text: string | undefined): { readonly mtu?: number } {
  const mtu = Number(text)
  return Number.isInteger(mtu) && mtu > 0 && mtu <= 65_535 ? { mtu } : {}
}

function kindOf(text: string): PingError['kind'] {
  return KINDS.find(([words]) => words.test(text))?.[1] ?? 'other'
}

function errorOf(text: string): PingError | undefined {
  const [, by, said = ''] = FROM.exec(text) ?? []
  if (by !== undefined) {
    const needed = FRAGMENTATION.exec(said)
    if (needed) return { kind: 'too-long', text: oneLine(said), by, ...mtuOf(needed[1]) }
    return { kind: kindOf(said), text: oneLine(said), by }
  }
  const prohibited = PROHIBITED.exec(text)?.[1]
  if (prohibited !== undefined) return { kind: 'not-permitted', text: oneLine(prohibited) }
  const kernel = FROM_KERNEL.exec(text)?.[1]
  if (kernel === undefined) return undefined
  const long = LOCAL_TOO_LONG.exec(kernel)
  return long
    ? { kind: 'too-long', text: oneLine(kernel), ...mtuOf(long[1]) }
    : { kind: kindOf(kernel), text: oneLine(kernel) }
}

/** A ping that is not of iputils, that of BusyBox in most containers, prints its whole usage instead. */
const OTHER_PING = /\b(?:invalid|unrecognized) option\b.*\bM\b/
const NEEDED = 'its ping cannot forbid fragmenting (-M): that of iputils is needed'

function problemOf(text: string, status: number | undefined): NonNullable<PingReading['problem']> {
  const detail = oneLine(text) || `ping ended with ${status === undefined ? 'no' : `exit ${status}`}`
  if (status === undefined) return { why: 'timed-out', detail: 'ping was cut off before it ended' }
  if (OTHER_PING.test(text)) return { why: 'not-installed', detail: NEEDED }
  const known = PROBLEMS.find(([words]) => words.test(text))?.[1]
  return { why: known ?? (status === 127 ? 'not-installed' : 'unparsable'), detail }
}

/** Answers count only when they come from the address that was asked. */
function replyOf(text: string, address: string): { readonly ttl?: number } {
  const [, from, ttl] = REPLY.exec(text) ?? []
  return from === address ? { ttl: Number(ttl) } : {}
}

/**
 * Reads the whole output of one ping of `address`, stdout and stderr together; `status` is its
 * exit status, undefined when it was cut off. A ping that could not send is a `problem`;
 * "network is unreachable" is a loss, as the packet was refused by the route table under test.
 */
export function parsePing(text: string, address: string, status: number | undefined): PingReading {
  const error = errorOf(text)
  const counts = STATISTICS.exec(text)
  if (!counts) {
    if (error !== undefined) return { sent: 1, received: 0, error }
    return { sent: 0, received: 0, problem: problemOf(text, status) }
  }
  const [, sent, received, duplicates] = counts
  const [, min, avg, max] = ROUND_TRIP.exec(text) ?? []
  return {
    sent: Number(sent),
    received: Number(received),
    ...(min !== undefined && { rttMs: { min: Number(min), avg: Number(avg), max: Number(max) } }),
    ...replyOf(text, address),
    ...(duplicates !== undefined && { duplicates: Number(duplicates) }),
    ...present({ error }),
  }
}
