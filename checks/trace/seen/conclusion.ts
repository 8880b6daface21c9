/** What is concluded from a trace beside its sentence: agreement of the engines, and what would decide what is open. */

import { isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import { formatAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { FollowedPacket } from '../../model/trace-observation.ts'
import type { Trace } from '../trace.ts'
import { enginesText } from './engines.ts'
import type { KernelReport } from './kernel-report.ts'
import { nextStep } from './next-step.ts'

function publicIps(snapshot: ClusterSnapshot): ReadonlyMap<string, string> {
  return new Map(
    [...snapshot.hosts.keys()].flatMap((host) => {
      const expected = expectedHost(snapshot, host)
      return isExpected(expected) ? [[host, formatAddress(expected.lease.publicIp)] as const] : []
    }),
  )
}

export interface Conclusion {
  /** What leases intend, what the walk predicts and what was observed, and whether they agree. */
  readonly engines: string
  /** The cheapest command that decides, where several things may have taken the packet. */
  readonly next?: string
}

/** For a direction that was lost; an arrived one has only the agreement. */
export function conclusion(
  snapshot: ClusterSnapshot,
  trace: Trace,
  { word, packet }: { readonly word: KernelReport; readonly packet: FollowedPacket | undefined },
): Conclusion {
  const next = nextStep(trace, {
    publicIps: publicIps(snapshot),
    isRuleKnown: word.rule !== undefined,
    isFiltered: word.dropReason === 'NETFILTER_DROP',
    ...present({ packet }),
  })
  return { engines: enginesText(snapshot, trace), ...present({ next }) }
}
