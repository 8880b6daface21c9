/**
 * Which findings lose pings. A ping is lost by almost everything this suite can find, so these
 * edges stand in one table instead of in every check; `explains` of a check is for the rest.
 *
 * Where a cause acts follows from its subject: with a peer on that pair of hosts, in either direction because an answer takes
 * the same tunnel back; with a host alone on every pair of that host; with neither on all.
 */
import type { Finding } from '../finding.ts'
import { CONNECTION_ROWS, isOtherProtocol, LOST_CONNECTIONS } from './connection-edges.ts'
import { IPV6_ROWS } from './ipv6-edges.ts'
import { actsOn, isSevere, type LossRow, matches, SIZE_CAUSES } from './loss-edges.ts'

const ANY_LOSS = [
  'dataplane/overlay-ping:lost',
  'dataplane/overlay-ping:containers-lost',
  'dataplane/overlay-ping:partly-lost',
  'dataplane/lease-ping:lost',
] as const

/** What is seen of a pair whose packets are lost or led elsewhere. */
const ANY_SYMPTOM = [...ANY_LOSS, 'dataplane/answer:*', 'dataplane/path-mtu:*']

/** Containers lose them, and the hosts themselves do not. */
const LOSS_OF_CONTAINERS = ['dataplane/overlay-ping:containers-lost', 'dataplane/overlay-ping:partly-lost']

/** The tunnel and everything it is made from. */
const TUNNEL_CAUSES = ['datastore/*', 'node/*', 'lease/*', 'daemon/*', 'underlay/*', 'link/*', 'tunnel/*']

const ROWS: readonly LossRow[] = [
  {
    // Host and containers lose alike.
    causes: [
      ...TUNNEL_CAUSES,
      'subnet-env/*',
      'route/peer-subnet:*',
      'route/network:*',
      'route/policy-rule:*',
      'route/shadowed:*',
      'route/reverse-path-filter:*',
      'route/own-subnet:missing',
      'route/local-address:missing',
      'neighbour/*',
      'fdb/*',
      'netfilter/overlay-port:*',
      'netfilter/conntrack:*',
      'netfilter/prerouting:*',
      'bridge/link:*',
      'bridge/address:*',
      'bridge/docker-options:*',
      'dataplane/underlay-ping:lost',
    ],
    symptoms: ANY_LOSS,
    from: 'critical',
  },
  {
    // The last leg: the host itself still answers.
    causes: [
      'route/forwarding:*',
      'route/link-forwarding:*',
      'route/own-subnet:*',
      'route/local-address:captured',
      'route/local-address:gateway-taken',
      'netfilter/forward:*',
      'bridge/port:*',
      'bridge/container-address:*',
      'bridge/container-mac:*',
      'bridge/container-gateway:*',
    ],
    symptoms: LOSS_OF_CONTAINERS,
    from: 'critical',
  },
  {
    causes: SIZE_CAUSES,
    symptoms: ['dataplane/path-mtu:*', 'dataplane/followed-ping:too-large'],
    from: 'warning',
  },
  {
    // Another host holds the address, or packets are led to one that does.
    causes: [
      'route/local-address:captured',
      'route/own-subnet:*',
      'route/local-address:gateway-taken',
      'bridge/container-address:duplicate',
      'bridge/container-mac:*',
      'lease/subnet:*',
      'route/shadowed:*',
      'route/peer-subnet:wrong-gateway',
      'neighbour/peer-vtep:wrong-mac',
      'fdb/peer-vtep:wrong-destination',
    ],
    symptoms: ['dataplane/answer:*', ...LOST_CONNECTIONS],
    from: 'critical',
  },
  {
    // The underlay's own routes, neighbours and links.
    causes: [
      'underlay/*',
      'route/policy-rule:missing',
      'route/local-address:missing',
      'path/route:*',
      'path/neighbour:*',
      'path/link:*',
    ],
    symptoms: ['dataplane/underlay-ping:lost'],
    from: 'critical',
  },
  {
    // Where not even the hosts reach each other, the overlay between them cannot.
    causes: ['dataplane/underlay-ping:lost'],
    symptoms: ['dataplane/followed-ping:underlay', 'dataplane/followed-ping:dropped'],
    from: 'critical',
  },
  {
    // What the walk predicts is what probes then see.
    causes: ['path/rule:*', 'path/route:*', 'path/neighbour:*', 'path/link:*'],
    symptoms: ANY_SYMPTOM,
    from: 'critical',
  },
  {
    // A rule that drops by chance: seldom all of a pair, so that other causes of that stand beside it.
    causes: ['path/rule:drops-some'],
    symptoms: [...LOSS_OF_CONTAINERS, 'dataplane/path-mtu:*', ...LOST_CONNECTIONS],
    from: 'warning',
  },
  {
    // Who takes the overlay's packets, and what stands before it.
    causes: [...TUNNEL_CAUSES, 'netfilter/overlay-port:*', 'netfilter/prerouting:*', 'path/rule:*'],
    symptoms: ['dataplane/tunnel-port:*'],
    from: 'critical',
  },
  { causes: ['dataplane/tunnel-port:*'], symptoms: ANY_LOSS, from: 'critical' },
  {
    // Whether its other network has a way for them nobody knows, until they are lost.
    causes: ['bridge/container-gateway:by-other-network'],
    symptoms: ['dataplane/followed-ping:unanswered', ...LOSS_OF_CONTAINERS],
    from: 'warning',
  },
  ...CONNECTION_ROWS,
  ...IPV6_ROWS,
  {
    // One of the lost pings was followed, and what took it is known.
    causes: ['dataplane/followed-ping:*'],
    symptoms: ANY_SYMPTOM,
    from: 'critical',
  },
  {
    // What the state shows on the way of a followed ping stands above what was seen of it.
    causes: ['path/*', 'netfilter/*'],
    symptoms: ['dataplane/followed-ping:rule', 'dataplane/followed-ping:too-large'],
    from: 'warning',
  },
  {
    causes: [
      ...TUNNEL_CAUSES,
      'subnet-env/*',
      'route/*',
      'neighbour/*',
      'fdb/*',
      'netfilter/*',
      'bridge/*',
      'path/*',
      'dataplane/tunnel-port:*',
    ],
    symptoms: [
      'dataplane/followed-ping:program',
      'dataplane/followed-ping:dropped',
      'dataplane/followed-ping:underlay',
      'dataplane/followed-ping:captured',
      'dataplane/followed-ping:unanswered',
      'dataplane/followed-ping:predicted',
      'dataplane/followed-ping:vanished',
    ],
    from: 'critical',
  },
]

/** Every pattern of the table, for the test that each names codes that exist. */
export const LOSS_PATTERNS: readonly string[] = ROWS.flatMap(({ causes, symptoms }) => [
  ...causes,
  ...symptoms,
])

/** True for a finding that is in the table as a cause. */
export function losesPings(cause: Finding): boolean {
  return ROWS.some(({ causes, from }) => isSevere(cause, from) && matches(causes, cause.code))
}

/** True when the cause by itself would make the probes fail that the symptom saw failing. */
export function explainsLoss(cause: Finding, symptom: Finding): boolean {
  if (!symptom.code.startsWith('dataplane/')) return false
  return ROWS.some(
    ({ causes, symptoms, from }) =>
      matches(symptoms, symptom.code) &&
      isSevere(cause, from) &&
      matches(causes, cause.code) &&
      !isOtherProtocol(cause, symptom) &&
      (actsOn(cause.subject, symptom.subject) ||
        (symptom.ends !== undefined && actsOn(cause.subject, symptom.ends))),
  )
}
