/** Which kernel drop and which rule belong to which direction of a ping. */
import type { Trace } from '../../checks/trace/trace.ts'
import type { ReportTrace } from '../../reports/report.ts'
import { type KernelDrop, type PlacedSighting, placeDrop } from '../probe/kernel/kernel-drops.ts'
import type { RuleDrop } from '../probe/kernel/rule-trace-text.ts'
import type { RungReports } from '../trace/rungs.ts'
import type { AtHost } from '../trace/traced-ping.ts'

/** What a kernel says of the loss of one direction. */
export type KernelWord = Pick<ReportTrace, 'dropReason' | 'droppedIn' | 'rule'>

interface PartSighting extends PlacedSighting {
  readonly part: string
}

function sightings({ taps }: RungReports): readonly PartSighting[] {
  return taps.flatMap(({ place, report }) =>
    report.sightings.map(({ at, part }) => ({ host: place.host, link: place.link, at, part })),
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
): { readonly word: KernelWord; readonly part: string | undefined } {
  const { reason, location, hops } = at.report
  const placed = placeDrop(at.report, seen)
  const part = seen.find((one) => one === placed)?.part
  const link = hops.at(-1)?.link ?? placed?.link
  const droppedIn = {
    location,
    ...hostOf(at, { placed, link, seen }),
    ...(link !== undefined && { link }),
  }
  return { word: { ...(reason !== undefined && { dropReason: reason }), droppedIn }, part }
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

/** What kernels say of a direction that was lost; empty when they say nothing. `request` tells who asked whom. */
export function kernelWord(trace: Trace, request: Trace, rungs: RungReports): KernelWord {
  if (trace.ends === 'delivered' || trace.ends === 'captured') return {}
  const seen = sightings(rungs)
  const drops = rungs.drops
    .flatMap(({ host, report }) => report.drops.map((drop) => ({ host, report: drop })))
    .filter(({ report }) => !report.normal)
    .map((drop) => wordOf(drop, seen))
  const own = drops.find(({ part }) => part === trace.direction || part === undefined)
  const rules = rungs.rules.flatMap(({ host, report }) =>
    report.drops.map((drop) => ({ host, report: drop })),
  )
  const rule = rules.find((one) => partOf(one, request) === trace.direction)
  return { ...own?.word, ...(rule && { rule: ruleText(rule) }) }
}
