/** What is concluded from a trace beside its sentence: agreement of the engines, and what would decide what is open. */

import { isExpected } from '../../checks/expected/expected.ts'
import { expectedHost } from '../../checks/expected/expected-host.ts'
import { formatAddress } from '../../checks/model/address.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { enginesText } from '../../checks/trace/seen/engines.ts'
import { nextStep } from '../../checks/trace/seen/next-step.ts'
import type { Trace } from '../../checks/trace/trace.ts'
import type { ReportTrace } from '../../reports/report.ts'
import type { KernelWord } from './kernel-word.ts'

function publicIps(snapshot: ClusterSnapshot): ReadonlyMap<string, string> {
  return new Map(
    [...snapshot.hosts.keys()].flatMap((host) => {
      const expected = expectedHost(snapshot, host)
      return isExpected(expected) ? [[host, formatAddress(expected.lease.publicIp)] as const] : []
    }),
  )
}

/** For a direction that was lost; an arrived one has only the agreement. */
export function conclusion(
  snapshot: ClusterSnapshot,
  trace: Trace,
  word: KernelWord,
): Pick<ReportTrace, 'engines' | 'next'> {
  const next = nextStep(trace, {
    publicIps: publicIps(snapshot),
    isRuleKnown: word.rule !== undefined,
    isFiltered: word.dropReason === 'NETFILTER_DROP',
  })
  return { engines: enginesText(snapshot, trace), ...(next !== undefined && { next }) }
}
