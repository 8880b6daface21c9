/** What the tables of losses share: patterns of codes, severity, and where a cause acts. */
import type { Subject } from '../check.ts'
import type { Finding } from '../finding.ts'

/** True when a code is one of the patterns, or begins as one that ends in `*`. */
export function matches(patterns: readonly string[], code: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern,
  )
}

/** True when the finding has at least the severity. */
export function isSevere({ severity }: Finding, from: 'critical' | 'warning'): boolean {
  return severity === 'critical' || severity === from
}

/** True when the cause acts where packets were lost. */
export function actsOn(cause: Subject, loss: Subject): boolean {
  if (loss.host === undefined || cause.host === undefined) return true
  const ends = [loss.host, loss.peer]
  if (loss.peer === undefined) return cause.host === loss.host || cause.peer === loss.host
  return ends.includes(cause.host) && (cause.peer === undefined || ends.includes(cause.peer))
}

/** One row of the table of losses. */
export interface LossRow {
  /** Codes, or beginnings of codes that end in `*`. */
  readonly causes: readonly string[]
  readonly symptoms: readonly string[]
  /** The least severity of such a cause. */
  readonly from: 'critical' | 'warning'
}

/** What loses large packets. */
export const SIZE_CAUSES = [
  'subnet-env/mtu:*',
  'underlay/mtu:*',
  'link/mtu:*',
  'bridge/mtu:*',
  'bridge/container-mtu:*',
  'bridge/docker-options:mtu-differs',
  'path/size:*',
] as const
