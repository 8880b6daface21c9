/** The packets that are followed, sent from their own end: pings, or the first packets of connections. */
import type { PingReading } from '../../checks/model/observation.ts'
import { present } from '../../checks/model/present.ts'
import type { PortAnswer, TraceObservation } from '../../checks/model/trace-observation.ts'
import type { CommandRecord } from '../collect/collect.ts'
import type { Runner } from '../hosts/command/runner.ts'
import { sendPackets } from '../probe/packet/send-packets.ts'
import { PING_HEADERS } from '../probe/ping/argv.ts'
import { pingBatch } from '../probe/ping/batch.ts'
import { namespaceKey, type TracedPing } from './traced-ping.ts'

/** The second tells a lost first packet from a broken path. */
const COUNT = 2
/** An answer of TCP that offers nothing but the size of its segments, bytes. */
const SYN_ACK = 44

/** What of a traced ping its sending needs. */
type SentPing = Pick<TracedPing, 'pair' | 'probe' | 'size' | 'source' | 'namespaces' | 'runners' | 'signal'>

/** What was sent and what came back. */
export interface SentProbe {
  readonly ping: PingReading
  readonly answer?: PortAnswer
  readonly commands: readonly CommandRecord[]
}

/** Sizes that the kernel's drops are watched for, as octets of a ping's payload: the packet's and its answer's. */
export function watchedSizes({ size, probe: { packet } }: TracedPing): readonly number[] {
  const answers = { tcp: SYN_ACK, udp: size + PING_HEADERS }
  return [size, ...(packet ? [answers[packet.protocol]] : [])].map((whole) => whole - PING_HEADERS)
}

/** What was sent in place of a ping, for the observation. */
export function followedPacket(
  { probe: { packet } }: TracedPing,
  answer: PortAnswer | undefined,
): Pick<TraceObservation, 'packet'> {
  if (packet === undefined) return {}
  const { protocol, sourcePort, destinationPort } = packet
  return { packet: { protocol, sourcePort, destinationPort, ...(answer && { answer }) } }
}

function sendFrom(runner: Runner, sent: SentPing, namespace: string | undefined): Promise<SentProbe> {
  const { pair, probe, size, source, signal } = sent
  const { packet, nonce } = probe
  const common = { size, count: COUNT, ...present({ namespace }) }
  if (packet !== undefined) {
    const ends = { source, destination: pair.to.address }
    return sendPackets(runner, { ...common, ...ends, packet: { ...packet, nonce } }, signal)
  }
  const job = { address: pair.to.address, id: probe.id, nonce: Buffer.from(nonce).toString('hex') }
  return pingBatch(runner, [{ ...common, ...job }], { signal }).then(({ readings: [ping], commands }) => ({
    ping: ping ?? unsent('ping said nothing').ping,
    commands,
  }))
}

function unsent(detail: string): SentProbe {
  return { ping: { sent: 0, received: 0, problem: { why: 'missing', detail } }, commands: [] }
}

/** Sends the packets. Never rejects: what could not be sent is a reading with a problem. */
export async function sendProbe(sent: SentPing): Promise<SentProbe> {
  const { host, container } = sent.pair.from
  const runner = sent.runners.get(host)
  if (runner === undefined) return unsent(`${host} cannot be reached`)
  const namespace = container === undefined ? undefined : sent.namespaces.get(namespaceKey(host, container))
  if (container !== undefined && namespace === undefined)
    return unsent(`the network namespace of ${container} cannot be told`)
  return sendFrom(runner, sent, namespace)
}
