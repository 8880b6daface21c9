/** A packet that was followed, judged: its two directions in words, where it was lost, and what says so. */
import { knownValue } from '../../expected/observed-host.ts'
import type { PingReading } from '../../model/observation.ts'
import { endName } from '../../model/path.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CounterDelta, FollowedPacket, Rung, TraceObservation } from '../../model/trace-observation.ts'
import { type MoreKnown, traceText } from '../text/trace-sentence.ts'
import type { Trace } from '../trace.ts'
import { type Conclusion, conclusion } from './conclusion.ts'
import { countedRule, withOpenRule } from './counted-rule.ts'
import { fullSize } from './full-size.ts'
import { type KernelReport, kernelReport } from './kernel-report.ts'
import { type LossSite, lossSite } from './loss-site.ts'
import { dueTtl, type ObservedPing, observedPing } from './observed-ping.ts'
import { refusal } from './refused-size.ts'
import { ofLargePackets, ofOtherSize, ofOversize } from './sized-traces.ts'

/** What ping said of a packet of `size` bytes. */
export interface SizedPing extends Omit<PingReading, 'duplicates'> {
  /** The whole IP packet, bytes; times are milliseconds. */
  readonly size: number
}

/** One direction of a ping that was followed. */
export interface JudgedTrace extends Trace, KernelReport, Partial<Conclusion> {
  /** The whole trace in one sentence: where it was lost and what that means. */
  readonly says: string
  /** The most that the links of both ends take, bytes, where a larger packet was asked for: no network delivers that. */
  readonly endsTake?: number
  readonly evidenceFrom: readonly Rung[]
  /** Rungs that a host did not allow, and taps that prove nothing. */
  readonly notObserved: readonly { readonly rung: Rung; readonly where: string; readonly reason: string }[]
  /** Counters of errors and drops that grew meanwhile. */
  readonly counters: readonly { readonly host: string; readonly counter: string; readonly by: number }[]
  readonly ping: SizedPing
  /** What was sent in place of a ping; the counts of `ping` are then of these. */
  readonly packet?: FollowedPacket
  /** The same as large as the links of both ends take, sent where the small one was answered and no size was asked for. */
  readonly fullPing?: SizedPing
}

/** The traces of one packet, request first, and where it was lost. */
export interface JudgedPing {
  readonly traces: readonly JudgedTrace[]
  readonly loss?: LossSite
}

function counterName(delta: CounterDelta): string {
  if (delta.kind === 'protocol') return delta.name
  if (delta.kind === 'link') return `${delta.link} ${delta.name}`
  const { table, chain, rule, target } = delta.rule
  return `${table} ${rule ?? `${chain} policy ${target ?? ''}`.trim()}`
}

function notObserved({ taps, missing, drops, rules }: TraceObservation): JudgedTrace['notObserved'] {
  const unproven = (rung: Rung, host: string, reason: string | undefined) =>
    reason === undefined || missing.some((one) => one.rung === rung && one.host === host)
      ? []
      : [{ rung, where: host, reason }]
  return [
    ...taps.flatMap((tap) => unproven('taps', `${endName(tap.place)} ${tap.place.link}`, tap.unproven)),
    ...missing.map(({ rung, host, reason }) => ({ rung, where: host, reason })),
    ...drops.flatMap((one) => unproven('tracefs', one.host, one.unproven)),
    ...rules.flatMap((one) => unproven('nft-trace', one.host, one.unproven)),
  ]
}

function evidenceFrom({ taps, drops, rules, counters, missing }: TraceObservation): readonly Rung[] {
  const isMissing = (rung: Rung, host: string): boolean =>
    missing.some((one) => one.rung === rung && one.host === host)
  const worked: Readonly<Record<Rung, boolean>> = {
    counters: counters.length > 0,
    taps: taps.some(({ unproven, sightings }) => unproven === undefined || sightings.length > 0),
    tracefs: drops.some(({ host }) => !isMissing('tracefs', host)),
    'nft-trace': rules.some(({ host }) => !isMissing('nft-trace', host)),
  }
  return (['counters', 'taps', 'tracefs', 'nft-trace'] as const).filter((rung) => worked[rung])
}

/** What carries packets between hosts, for the person who opens the firewall. */
function carrierOf(snapshot: ClusterSnapshot): string | undefined {
  const config = knownValue(snapshot.datastore.config)
  if (config === undefined) return undefined
  if (config.backend === 'vxlan' || config.backend === 'udp') return `UDP ${config.port}`
  return config.backend === 'host-gw' ? 'the packets themselves, with the addresses of containers' : undefined
}

function sizedPing(reading: PingReading, size: number): SizedPing {
  const { duplicates: _, ...rest } = reading
  return { size, ...rest }
}

function answerText(
  snapshot: ClusterSnapshot,
  request: Trace,
  { ttl }: PingReading,
): Pick<MoreKnown, 'ttl' | 'dueTtl'> {
  if (ttl === undefined) return {}
  const due = dueTtl(snapshot, request, ttl)
  return { ttl, ...present({ dueTtl: due }) }
}

/** What every direction of an observation has in common. */
type Common = Pick<JudgedTrace, 'evidenceFrom' | 'notObserved' | 'counters' | 'ping' | 'packet' | 'fullPing'>

function commonOf(observation: TraceObservation): Common {
  const { counters, ping, packet, size, fullPing } = observation
  return {
    evidenceFrom: evidenceFrom(observation),
    notObserved: notObserved(observation),
    counters: counters.flatMap(({ host, deltas }) =>
      deltas.map((delta) => ({ host, counter: counterName(delta), by: delta.by })),
    ),
    ping: sizedPing(ping, size),
    ...present({ packet }),
    ...(fullPing && { fullPing: sizedPing(fullPing, fullPing.size) }),
  }
}

/** One direction in words. */
function toldTrace(snapshot: ClusterSnapshot, trace: Trace, { observation, request }: Told): JudgedTrace {
  const word = withOpenRule(trace, kernelReport(trace, request, observation))
  const carrier = carrierOf(snapshot)
  const refused = refusal(observation.ping)
  const known = {
    ...present({ carrier, reason: word.dropReason, packet: observation.packet }),
    ...present({ rule: word.rule ?? countedRule(trace, word, observation) }),
    ...answerText(snapshot, request, observation.ping),
    ...(refused && trace.ends === 'too-big' && trace === request && { refused }),
  }
  const says = traceText(trace, known)
  const concluded = conclusion(snapshot, trace, { word, packet: observation.packet })
  return { ...trace, says, ...concluded, ...word, ...commonOf(observation) }
}

interface Told {
  readonly observation: TraceObservation
  readonly request: Trace
}

function tracesOf(
  snapshot: ClusterSnapshot,
  { request, reply }: ObservedPing,
  observation: TraceObservation,
): readonly JudgedTrace[] {
  return [request, ...(reply ? [reply] : [])].map((trace) =>
    toldTrace(snapshot, trace, { observation, request }),
  )
}

/** What one followed packet shows, from the state it was followed in. */
export function judgePing(snapshot: ClusterSnapshot, observation: TraceObservation): JudgedPing {
  const { size, isLarge, answered } = observation
  const observed = observedPing(snapshot, observation)
  const traces = tracesOf(snapshot, observed, observation)
  const endsTake = fullSize(snapshot, observation)
  const isOversize =
    endsTake !== undefined && size > endsTake && traces.some(({ ends }) => ends === 'too-big')
  if (isOversize) return { traces: ofOversize(traces, endsTake) }
  const loss = lossSite(observed, observation)
  const told = isLarge
    ? ofLargePackets(traces)
    : answered === undefined
      ? traces
      : ofOtherSize(snapshot, { traces, observation, answered })
  return { traces: told, ...present({ loss }) }
}

/** Everything that was followed, in its order; the loss is that of the first packet that was lost. */
export function judgePings(snapshot: ClusterSnapshot): JudgedPing {
  const judged = (snapshot.observations ?? []).flatMap((one) =>
    one.kind === 'trace' ? [judgePing(snapshot, one)] : [],
  )
  const loss = judged.find((one) => one.loss !== undefined)?.loss
  return { traces: judged.flatMap(({ traces }) => traces), ...present({ loss }) }
}
