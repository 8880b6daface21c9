/** A traced ping as the report has it. */

import { knownValue } from '../../checks/expected/observed-host.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { Trace } from '../../checks/trace/trace.ts'
import { endText, type MoreKnown, traceText } from '../../checks/trace/words/words.ts'
import { reportEvidence } from '../../reports/build-report.ts'
import type { ReportTrace, Rung } from '../../reports/report.ts'
import type { CounterDelta } from '../probe/kernel/counter-deltas.ts'
import type { PingReading } from '../probe/ping/parse.ts'
import type { RungReports } from '../trace/rungs.ts'
import { conclusion } from './conclusion.ts'
import { typedOn } from './judge.ts'
import { kernelWord } from './kernel-word.ts'
import { dueTtl, type ObservedPing } from './observed.ts'
import { refusal } from './refused-size.ts'

function counterName(delta: CounterDelta): string {
  if (delta.kind === 'protocol') return delta.name
  if (delta.kind === 'link') return `${delta.link} ${delta.name}`
  const { table, chain, rule, target } = delta.rule
  return `${table} ${rule ?? `${chain} policy ${target ?? ''}`.trim()}`
}

function notObserved({ taps, missing, drops, rules }: RungReports): ReportTrace['notObserved'] {
  const unproven = (rung: Rung, host: string, reason: string | undefined) =>
    reason === undefined || missing.some((one) => one.rung === rung && one.host === host)
      ? []
      : [{ rung, where: host, reason }]
  return [
    ...taps.flatMap(({ place, report }) => {
      return unproven('taps', `${endText(place)} ${place.link}`, report.unproven)
    }),
    ...missing.map(({ rung, host, reason }) => ({ rung, where: host, reason })),
    ...drops.flatMap(({ host, report }) => unproven('tracefs', host, report.unproven)),
    ...rules.flatMap(({ host, report }) => unproven('nft-trace', host, report.unproven)),
  ]
}

function evidenceFrom({ taps, drops, rules, counters, missing }: RungReports): readonly Rung[] {
  const isMissing = (rung: Rung, host: string): boolean =>
    missing.some((one) => one.rung === rung && one.host === host)
  const worked: Readonly<Record<Rung, boolean>> = {
    counters: counters.length > 0,
    taps: taps.some(({ report }) => report.unproven === undefined || report.sightings.length > 0),
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

/** A ping as the report has it. */
export function reportPing(
  { sent, received, rttMs, ttl, error, problem }: PingReading,
  size: number,
): ReportTrace['ping'] {
  return {
    size,
    sent,
    received,
    ...(rttMs && { rttMs }),
    ...(ttl !== undefined && { ttl }),
    ...(error && { error }),
    ...(problem && { problem }),
  }
}

function answerWords(
  snapshot: ClusterSnapshot,
  request: Trace,
  { ttl }: PingReading,
): Pick<MoreKnown, 'ttl' | 'dueTtl'> {
  if (ttl === undefined) return {}
  const due = dueTtl(snapshot, request, ttl)
  return { ttl, ...(due !== undefined && { dueTtl: due }) }
}

/** The traces of one ping of `size` bytes, request first. */
export function reportTraces(
  { request, reply }: ObservedPing,
  rungs: RungReports,
  { snapshot, size }: { readonly snapshot: ClusterSnapshot; readonly size: number },
): readonly ReportTrace[] {
  const carrier = carrierOf(snapshot)
  const answer = answerWords(snapshot, request, rungs.ping)
  const refused = refusal(rungs.ping)
  const common = {
    evidenceFrom: evidenceFrom(rungs),
    notObserved: notObserved(rungs),
    counters: rungs.counters.flatMap(({ host, deltas }) =>
      deltas.map((delta) => ({ host, counter: counterName(delta), by: delta.by })),
    ),
    ping: reportPing(rungs.ping, size),
  }
  const reported = (trace: Trace): ReportTrace => {
    const word = kernelWord(trace, request, rungs)
    const known = {
      ...(carrier !== undefined && { carrier }),
      ...(word.dropReason !== undefined && { reason: word.dropReason }),
      ...(word.rule !== undefined && { rule: word.rule }),
      ...answer,
      ...(refused && trace.ends === 'too-big' && trace === request && { refused }),
    }
    const hops = trace.hops.map((hop) => ({ ...hop, used: reportEvidence(hop.used, typedOn(snapshot)) }))
    const more = conclusion(snapshot, trace, word)
    return { ...trace, hops, says: traceText(trace, known), ...more, ...word, ...common }
  }
  return [request, ...(reply ? [reply] : [])].map(reported)
}
