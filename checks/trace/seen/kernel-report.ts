/** Which kernel drop and which rule belong to which direction of a ping. */

import { present } from '../../model/present.ts'
import type { KernelDrop, RuleDrop, TraceObservation } from '../../model/trace-observation.ts'
import type { Trace } from '../trace.ts'
import { type PlacedSighting, placeDrop } from './placed-drop.ts'

/** What a kernel says of the loss of one direction. */
export interface KernelReport {
  /** The kernel's name of why it dropped the packet. */
  readonly dropReason?: string
  /** Where the kernel dropped it: function, host and last link as far as they are known. */
  readonly droppedIn?: { readonly location: string; readonly host?: string; readonly link?: string }
  /** The rule or policy that dropped it. */
  readonly rule?: string
}

/** Something one host, or one network of it, reported. */
interface AtHost<T> {
  readonly host: string
  readonly report: T
}

type Seen = Pick<TraceObservation, 'taps' | 'drops' | 'rules' | 'packet'>

interface PartSighting extends PlacedSighting {
  readonly part: string
}

function sightings({ taps }: Pick<Seen, 'taps'>): readonly PartSighting[] {
  return taps.flatMap(({ place, sightings: seen }) =>
    seen.map(({ at, part }) => ({ host: place.host, link: place.link, at, part })),
  )
}

/**
 * Placed by the taps where clocks compare; otherwise the kernel's only host. A kernel that hosts share may have
 * dropped it on a link between them: a drop behind a link that is not watched has no host.
 */
function hostOf(
  { host, report: drop }: AtHost<KernelDrop>,
  {
    placed,
    link,
    seen,
  }: { placed: PlacedSighting | undefined; link: string | undefined; seen: readonly PartSighting[] },
): { readonly host?: string } {
  if (!drop.exact) return { host }
  const isWatched = placed !== undefined && seen.some((one) => one.link === link && one.host === placed.host)
  return isWatched ? { host: placed.host } : {}
}

function wordOf(
  at: AtHost<KernelDrop>,
  seen: readonly PartSighting[],
): { readonly word: KernelReport; readonly part: string | undefined } {
  const { reason, location, hops } = at.report
  const placed = placeDrop(at.report, seen)
  const part = seen.find((one) => one === placed)?.part
  const link = hops.at(-1)?.link ?? placed?.link
  const own = hostOf(at, { placed, link, seen })
  // Of a link that no host of the report has, such as one of a switch on the same kernel, the name says nothing.
  const droppedIn = { location, ...own, ...(own.host !== undefined && present({ link })) }
  return { word: { ...present({ dropReason: reason }), droppedIn }, part }
}

/** The direction whose packet a rule dropped; of a tunnelled one the link tells on which side it was. */
function partOf({ host, report: drop }: AtHost<RuleDrop>, { from, to }: Trace): 'request' | 'reply' {
  if (!drop.tunnelled) return drop.source === to.address ? 'reply' : 'request'
  const isArriving = drop.outputLink === undefined
  const near = isArriving ? from.host : to.host
  return host === near ? 'reply' : 'request'
}

function ruleText({ host, report }: AtHost<RuleDrop>): string {
  const { family, table, chain, rule } = report
  return `${host}: ${family} ${table} ${chain}: ${rule ?? 'policy drop'}`
}

/** Buffers are used again at once: what was last on a loopback link is a packet of others, ours go between hosts. */
function isOnLoopback({ hops }: KernelDrop): boolean {
  return hops.at(-1)?.link === 'lo'
}

/** TCP has reasons of its own, which neither a ping nor the UDP around it can be dropped for. */
function isOfOthers({ reason = '' }: KernelDrop, { packet }: Seen): boolean {
  return reason.startsWith('TCP_') && packet?.protocol !== 'tcp'
}

/** What kernels say of a direction that was lost; empty when they say nothing. `request` tells who asked whom. */
export function kernelReport(trace: Trace, request: Trace, observed: Seen): KernelReport {
  if (trace.ends === 'delivered' || trace.ends === 'captured') return {}
  const seen = sightings(observed)
  const drops = observed.drops
    .flatMap(({ host, drops: own }) => own.map((drop) => ({ host, report: drop })))
    .filter(({ report }) => !report.normal && !isOnLoopback(report) && !isOfOthers(report, observed))
    .map((drop) => wordOf(drop, seen))
  const own = drops.find(({ part }) => part === trace.direction || part === undefined)
  const rules = observed.rules.flatMap(({ host, drops: own }) => own.map((drop) => ({ host, report: drop })))
  const rule = rules.find((one) => partOf(one, request) === trace.direction)
  return { ...own?.word, ...(rule && { rule: ruleText(rule) }) }
}
