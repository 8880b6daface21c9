/** The rule whose own counter names it: its words cannot be judged, as those of a drop by chance, but it counted the packets. */
import type { TraceObservation } from '../../model/trace-observation.ts'
import type { Trace } from '../trace.ts'
import type { KernelReport } from './kernel-report.ts'

/** Set where one rule alone counted as many packets more as were sent, and nothing else says what took them. */
export function countedRule(
  { ends }: Trace,
  { rule, dropReason }: KernelReport,
  { counters, ping }: TraceObservation,
): string | undefined {
  const isOpen = ends === 'not-enough-facts' && rule === undefined
  if (!isOpen || (dropReason !== undefined && dropReason !== 'NETFILTER_DROP')) return undefined
  const grown = counters.flatMap(({ host, deltas }) =>
    deltas.flatMap((delta) => (delta.kind === 'rule' ? [{ host, ...delta }] : [])),
  )
  const [only, ...others] = grown
  if (only === undefined || others.length > 0 || only.by !== ping.sent) return undefined
  const { table, chain, rule: text, target } = only.rule
  return `${only.host}: ${table} ${text ?? `${chain} policy ${target ?? ''}`}, which counted ${only.by} more`
}
