/** What came back for the packets of a followed connection: the words of the script that sent them. */
import type { PingError, PingReading } from '../../../checks/model/observation.ts'
import type { PortAnswer } from '../../../checks/model/trace-observation.ts'
import { oneLine } from '../../collect/section/absence.ts'
import { ICMP_TYPE, PROTOCOL, TCP_FLAG, UNREACHABLE_CODE } from '../capture/decode-transport.ts'
import { ipv4Text, u16, u32 } from '../capture/octets.ts'
import type { SentPacket } from '../capture/probe-identity.ts'

/** What was sent, as far as an answer is told by it. */
interface Sent {
  readonly packet: SentPacket
  readonly destination: string
  readonly count: number
}

/** One packet that came back. */
interface Back {
  readonly answer?: PortAnswer
  readonly ttl?: number
  readonly error?: PingError
}

/** Codes of "unreachable" that only filters send (RFC 1812, 5.2.7.1). */
const PROHIBITED: ReadonlySet<number> = new Set([9, 10, 13])
const LEAST = 28

function errorOf(bytes: Buffer, icmp: number): PingError | undefined {
  const by = ipv4Text(bytes, 12)
  const [type, code] = [bytes[icmp] as number, bytes[icmp + 1] as number]
  if (type === ICMP_TYPE.timeExceeded) return { kind: 'ttl-exceeded', text: 'Time to live exceeded', by }
  if (type !== ICMP_TYPE.unreachable) return undefined
  if (code === UNREACHABLE_CODE.fragmentationNeeded) {
    const mtu = u16(bytes, icmp + 6)
    return { kind: 'too-long', text: 'Fragmentation needed', by, ...(mtu > 0 && { mtu }) }
  }
  if (PROHIBITED.has(code)) return { kind: 'filtered', text: 'Packet filtered', by }
  const text =
    code === UNREACHABLE_CODE.port ? 'Destination Port Unreachable' : 'Destination Host Unreachable'
  return { kind: 'unreachable', text, by }
}

function ofIcmp(bytes: Buffer, icmp: number, { packet, destination }: Sent): Back {
  const error = errorOf(bytes, icmp)
  const isPort = bytes[icmp] === ICMP_TYPE.unreachable && bytes[icmp + 1] === UNREACHABLE_CODE.port
  if (packet.protocol === 'udp' && isPort && error?.by === destination)
    return { answer: 'closed', ttl: bytes[8] as number }
  return error === undefined ? {} : { error }
}

function ofTarget(bytes: Buffer, at: number, { packet, count }: Sent): Back {
  const ttl = bytes[8] as number
  if (packet.protocol === 'udp')
    return u16(bytes, at) === packet.destinationPort ? { answer: 'open', ttl } : {}
  const flags = bytes[at + 13] ?? 0
  const number = (u32(bytes, at + 8) - packet.sequence - 1) >>> 0
  if (number < 1 || number > count) return {}
  if ((flags & TCP_FLAG.rst) !== 0) return { answer: 'closed', ttl }
  return (flags & TCP_FLAG.syn) === 0 ? {} : { answer: 'open', ttl }
}

function backOf(hex: string, sent: Sent): Back {
  const bytes = Buffer.from(hex, 'hex')
  const at = ((bytes[0] ?? 0) & 15) * 4
  if (bytes.length < Math.max(LEAST, at + 8)) return {}
  if (bytes[9] === PROTOCOL.icmp) return ofIcmp(bytes, at, sent)
  const isOurs = bytes[9] === PROTOCOL[sent.packet.protocol] && ipv4Text(bytes, 12) === sent.destination
  return isOurs && bytes.length >= at + (sent.packet.protocol === 'tcp' ? 20 : 8)
    ? ofTarget(bytes, at, sent)
    : {}
}

/** What the own kernel says instead of sending. */
function refusalOf(words: string): PingError {
  const text = oneLine(words)
  if (/too long/i.test(text)) return { kind: 'too-long', text }
  if (/unreachable|no route/i.test(text)) return { kind: 'unreachable', text }
  return { kind: /not permitted|denied/i.test(text) ? 'not-permitted' : 'other', text }
}

/** The words of the script, read. */
export function parseAnswers(
  text: string,
  sent: Sent,
): { readonly ping: PingReading; readonly answer?: PortAnswer } {
  const refused = [...text.matchAll(/^unsent (.*)$/gm)].map(([, words = '']) => refusalOf(words))
  const count = [...text.matchAll(/^sent$/gm)].length + refused.length
  const back = [...text.matchAll(/^got ([0-9a-f]+)$/gm)].map(([, hex = '']) => backOf(hex, sent))
  const answers = back.filter(({ answer }) => answer !== undefined)
  const [first] = answers
  const error = back.find((one) => one.error !== undefined)?.error ?? refused[0]
  const ping = {
    sent: count,
    received: Math.min(answers.length, count),
    ...(first?.ttl !== undefined && { ttl: first.ttl }),
    ...(error !== undefined && first === undefined && { error }),
  }
  return { ping, ...(first?.answer !== undefined && { answer: first.answer }) }
}
