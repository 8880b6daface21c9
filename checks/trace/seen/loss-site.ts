/** Where a ping was lost, as near as walk, taps and kernel together tell. */

import type { HostName } from '../../model/snapshot.ts'
import type { TraceObservation } from '../../model/trace-observation.ts'
import type { Hop, Stage, Trace } from '../trace.ts'
import { type KernelReport, kernelReport } from './kernel-report.ts'
import { type Loss, lossOf } from './loss.ts'
import type { ObservedPing } from './observed-ping.ts'

/** Where a packet was lost. */
export interface LossSite {
  /** Hosts and stages of which one lost it; empty where nothing is known. */
  readonly at: readonly { readonly host: HostName; readonly stage: Stage }[]
  /** Hosts the packet passes, with those of the way back. */
  readonly path: readonly HostName[]
}

/** Reasons of drops on the way in by a link, behind its tap and in front of everything else there. */
const ON_ENTRY: ReadonlySet<string> = new Set(['NETFILTER_INGRESS', 'TC_INGRESS', 'XDP', 'OTHERHOST'])
const ON_EXIT: ReadonlySet<string> = new Set(['NETFILTER_EGRESS', 'TC_EGRESS'])
/** Stages at which a host's packet filters see a packet that goes through it. */
const FILTERED: ReadonlySet<Stage> = new Set(['forward', 'forward-in', 'encap', 'decap', 'target'])

function isTun({ link = '' }: Hop): boolean {
  return /^flannel\d+$/.test(link)
}

/** flanneld alone stands between its tun link and the underlay. */
function atFlanneld({ last, missing, between }: Loss): readonly Hop[] {
  if (last === undefined || missing === undefined) return []
  if (isTun(last) && missing.stage === 'underlay') return between.filter(({ stage }) => stage === 'encap')
  return []
}

function atLink({ last, missing }: Loss, { dropReason = '', droppedIn }: KernelReport): readonly Hop[] {
  const { host, link } = droppedIn ?? {}
  const candidates = ON_ENTRY.has(dropReason) ? [last, missing] : ON_EXIT.has(dropReason) ? [missing] : []
  return candidates.filter(
    (hop) =>
      hop !== undefined && (link === undefined || hop.link === link) && (host ?? hop.host) === hop.host,
  ) as readonly Hop[]
}

function narrowed(loss: Loss, word: KernelReport): readonly Hop[] {
  if (loss.between.length < 2 && !ON_ENTRY.has(word.dropReason ?? '')) return loss.between
  const isRule = word.dropReason === 'NETFILTER_DROP' || word.rule !== undefined
  const ways = [
    atLink(loss, word).slice(0, 1),
    isRule ? loss.between.filter(({ stage }) => FILTERED.has(stage)) : [],
    atFlanneld(loss),
  ]
  return ways.find(({ length }) => length > 0) ?? loss.between
}

/** Where the first direction that did not arrive was lost; undefined when both did. */
export function lossSite(
  { request, reply }: ObservedPing,
  observation: TraceObservation,
): LossSite | undefined {
  const isLost = (trace: Trace | undefined): trace is Trace =>
    trace !== undefined && trace.ends !== 'delivered'
  const lost = [request, reply].find(isLost)
  if (lost === undefined) return undefined
  const loss = lossOf(lost)
  if (loss === undefined) return undefined
  const isPredicted = lost.agreement !== 'contradicted' && lost.ends !== 'not-enough-facts'
  const at =
    isPredicted && lost.ends !== 'lost-on-underlay'
      ? loss.between
      : narrowed(loss, kernelReport(lost, request, observation))
  const hops = [...request.hops, ...(reply?.hops ?? [])]
  const path = [...hops.map(({ host }) => host), request.from.host, request.to.host]
  return { at: at.map(({ host, stage }) => ({ host, stage })), path: [...new Set(path)] }
}
