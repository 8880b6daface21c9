/**
 * Which findings about tables explain a predicted loss. The walk says where and to what packets are lost;
 * a check that found the same thing wrong, or what flannel needs before it, stands above. A rule is
 * explained by findings about that rule, or about the route that leads packets to its link: whatever else is wrong, it drops.
 */
import type { Finding } from '../finding.ts'
import { actsOn, isSevere, matches } from './loss-edges.ts'

/** What flannel and its tunnel are made from. */
const TUNNEL = ['datastore/*', 'node/*', 'lease/*', 'daemon/*', 'underlay/*', 'link/*', 'tunnel/*'] as const

interface PathRow {
  readonly losses: readonly string[]
  readonly causes: readonly string[]
  readonly from: 'critical' | 'warning'
}

const PATH_ROWS: readonly PathRow[] = [
  {
    losses: ['path/route:*'],
    causes: [...TUNNEL, 'route/*', 'bridge/*', 'netfilter/container-masquerade:*', 'neighbour/*', 'fdb/*'],
    from: 'critical',
  },
  {
    losses: ['path/neighbour:*'],
    causes: [...TUNNEL, 'route/*', 'neighbour/*', 'fdb/*', 'bridge/*'],
    from: 'critical',
  },
  {
    losses: ['path/link:*'],
    causes: [...TUNNEL, 'route/*', 'neighbour/*', 'fdb/*', 'bridge/*'],
    from: 'critical',
  },
  {
    losses: ['path/size:*'],
    causes: [
      'subnet-env/mtu:*',
      'underlay/*',
      'link/mtu:*',
      'route/mtu:*',
      'bridge/mtu:*',
      'bridge/container-mtu:*',
      'bridge/docker-options:mtu-differs',
    ],
    from: 'warning',
  },
  { losses: ['path/datastore:*'], causes: ['underlay/*', 'route/policy-rule:missing'], from: 'critical' },
]

const RULE_CHECKS = ['netfilter/forward:*', 'netfilter/prerouting:*', 'netfilter/overlay-port:*'] as const

function isSameRule(cause: Finding, loss: Finding): boolean {
  return (
    matches(RULE_CHECKS, cause.code) &&
    cause.subject.host === loss.subject.host &&
    cause.observed === loss.observed
  )
}

/** A route leads packets out by another link, and a filter that lets them pass by theirs takes them there. */
function isMetOnWrongWay({ code, subject, outLinks = [] }: Finding, loss: Finding): boolean {
  if (!code.startsWith('route/') || !actsOn(subject, loss.subject)) return false
  return outLinks.some((link) => loss.outLinks?.includes(link))
}

/** What leads packets by a third host, or gives a container another address. */
const WAY = ['bridge/*', 'node/*', 'lease/*', 'route/*', 'neighbour/*', 'fdb/*'] as const

const HIDING = 'netfilter/container-masquerade:hides-source'

/** An address that is none of the subnet's, or a way by a third host, makes flannel's own rules take a container for a stranger. */
function hidesTheSame(cause: Finding, loss: Finding): boolean {
  if (cause.code === HIDING) return cause.subject.host === loss.subject.host
  return isSevere(cause, 'critical') && matches(WAY, cause.code)
}

/** True when the cause by itself would lose what the walk predicts to be lost. */
export function explainsPath(cause: Finding, loss: Finding): boolean {
  if (cause.code.startsWith('path/')) return false
  if (matches(RULE_CHECKS, loss.code)) return isMetOnWrongWay(cause, loss)
  if (!loss.code.startsWith('path/')) return false
  if (loss.code === 'path/rule:hides-source') return hidesTheSame(cause, loss)
  if (/^path\/(rule|service):/.test(loss.code)) return isSameRule(cause, loss) || isMetOnWrongWay(cause, loss)
  return PATH_ROWS.some(
    ({ losses, causes, from }) =>
      matches(losses, loss.code) &&
      isSevere(cause, from) &&
      matches(causes, cause.code) &&
      actsOn(cause.subject, loss.subject),
  )
}

/** True for a finding that may explain a predicted loss. */
export function losesOnPath(finding: Finding): boolean {
  if (matches([...RULE_CHECKS, HIDING], finding.code) || finding.outLinks !== undefined) return true
  return PATH_ROWS.some(({ causes, from }) => isSevere(finding, from) && matches(causes, finding.code))
}
