/** The words of a verdict, the same in every format. */
import type { Severity } from '../../checks/check.ts'
import type { Verdict } from '../../checks/verdict/verdict.ts'
import type { Report } from '../document/report.ts'
import { plural } from './subject-text.ts'

interface VerdictTitle {
  readonly title: string
  readonly paint: 'green' | 'yellow' | 'red'
}

/** From best to worst, then what is no answer. */
export const VERDICT_TITLES: Readonly<Record<Verdict, VerdictTitle>> = {
  healthy: { title: 'HEALTHY', paint: 'green' },
  'at-risk': { title: 'AT RISK', paint: 'yellow' },
  broken: { title: 'BROKEN', paint: 'red' },
  undecided: { title: 'UNDECIDED', paint: 'yellow' },
  'no-flannel': { title: 'NO FLANNEL HERE', paint: 'yellow' },
}

export const SEVERITY_PAINT: Readonly<Record<Severity, 'red' | 'yellow' | 'cyan'>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'cyan',
}

/** The network in one line, as far as it is known. */
export function networkText({ network }: Pick<Report, 'network'>): string {
  if (network === null) return 'flannel network unknown'
  const leases = plural(network.leases.length, 'lease')
  const where = network.api === 'kubernetes' ? 'Kubernetes' : `etcd ${network.api} ${network.prefix}`
  return `flannel ${network.backend} ${network.network}, ${leases} in ${where}`
}
