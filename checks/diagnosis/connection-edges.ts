/** Which findings lose TCP or UDP between ends whose pings are answered. */
import type { Finding } from '../finding.ts'
import { type LossRow, SIZE_CAUSES } from './loss-edges.ts'

/** Connections that were tried and lost. */
export const LOST_CONNECTIONS = ['tcp-lost', 'udp-lost', 'tcp-stalled'].map(
  (code) => `dataplane/connection:${code}` as const,
)

/** Rows of the table in `dataplane-edges.ts`. */
export const CONNECTION_ROWS: readonly LossRow[] = [
  {
    // Of rules the one that takes the same protocol, see `isOtherProtocol`.
    causes: ['path/service:protocol-dropped', 'path/service:protocol-astray', 'tunnel/offload:*'],
    symptoms: LOST_CONNECTIONS,
    from: 'warning',
  },
  {
    causes: [
      'netfilter/forward:*',
      'netfilter/prerouting:*',
      'netfilter/conntrack:*',
      'path/rule:*',
      'path/route:captured',
      'dataplane/answer:*',
      'dataplane/followed-ping:*',
    ],
    symptoms: LOST_CONNECTIONS,
    from: 'critical',
  },
  {
    causes: [...SIZE_CAUSES, 'dataplane/path-mtu:*'],
    symptoms: ['dataplane/connection:tcp-stalled'],
    from: 'warning',
  },
]

/** A rule that takes UDP explains no lost TCP: both findings begin their object with the protocol. */
export function isOtherProtocol(cause: Finding, symptom: Finding): boolean {
  if (!cause.code.startsWith('path/service:') || !symptom.code.startsWith('dataplane/connection:'))
    return false
  return !cause.subject.object?.startsWith(`${symptom.subject.object},`)
}
