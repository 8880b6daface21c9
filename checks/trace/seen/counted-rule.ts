/** The rule whose own counter names it: its words cannot be judged, as those of a drop by chance, but it counted the packets. */

import { endName } from '../../model/path.ts'
import type { TraceObservation } from '../../model/trace-observation.ts'
import type { LosingRule } from '../filter/losing-rule.ts'
import type { Hop, Trace } from '../trace.ts'
import type { KernelReport } from './kernel-report.ts'

/** True at a hop whose rule may take the packet, as its words cannot be judged. */
export function isOpenAtRule({ predicted, rule }: Hop): boolean {
  return predicted === 'not-enough-facts' && rule !== undefined
}

/** Nobody reads the queue that a rule hands packets to (Linux `net/netfilter/nf_queue.c`). */
function isQueueUnread({ droppedIn }: KernelReport): boolean {
  return /^nf_queue\b|^nfqnl_/.test(droppedIn?.location ?? '')
}

/** What a rule of ARP or of the bridge takes is the question for the next hop: the packet itself waits for the answer, and no filter drops it. */
function isUnresolved({ chain }: LosingRule, { dropReason = 'NEIGH_FAILED' }: KernelReport): boolean {
  return /^(?:arp|bridge) /.test(chain) && dropReason === 'NEIGH_FAILED'
}

/**
 * What the kernel says, with the rule whose words cannot be judged (a quota that is used up, a rate), where a filter
 * dropped the packet and the walk found no other there that takes it.
 */
export function withOpenRule({ hops, lastSeen = 0 }: Trace, report: KernelReport): KernelReport {
  if (report.rule !== undefined) return report
  const isFiltered = report.dropReason === 'NETFILTER_DROP' || isQueueUnread(report)
  const hop = hops.slice(lastSeen).find(isOpenAtRule)
  if (hop?.rule === undefined || !(isFiltered || isUnresolved(hop.rule, report))) return report
  return {
    ...report,
    rule: `${endName(hop)}: ${hop.rule.chain} ${hop.rule.by}, the only rule there that may`,
  }
}

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
