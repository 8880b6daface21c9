/**
 * The first line of a report. It follows from what was found and seen alone; from which severity on a run fails is
 * another question.
 *
 * `broken`: something does not arrive. A ping was lost, or a finding says that packets are lost (`effect` of its code)
 * and no answered ping refutes it. `at-risk`: packets pass, and there is a finding of severity warning or above.
 * `undecided`: nothing was found, and something could not be judged. `no-flannel`: there is nothing to be judged.
 */
import { explains } from '../diagnosis/diagnose.ts'
import type { Finding } from '../finding.ts'
import { isProbeObservation } from '../model/observation.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'
import { refutedByPings } from './delivered.ts'
import { absenceAdvice, absenceVerdict, isFlannelAbsent } from './no-flannel.ts'
import { type FollowedPing, type LookedAt, type Scope, scopeOf } from './scope.ts'

export const VERDICTS = ['healthy', 'at-risk', 'broken', 'undecided', 'no-flannel'] as const
export type Verdict = (typeof VERDICTS)[number]

export interface Judgement {
  readonly verdict: Verdict
  readonly scope: Scope
  /** What to pass or to do for a better verdict; empty where that is not known. */
  readonly advice: readonly string[]
}

function isLost({ sent, isDelivered, isOversize, isWaived }: FollowedPing): boolean {
  return sent > 0 && !isDelivered && !isOversize && !isWaived
}

/** True when pings were followed, and no others sent, and arrived both ways: what is found loses other packets than these. */
function areDelivered({ followed, snapshot }: LookedAt): boolean {
  return (
    !snapshot.observations?.some(isProbeObservation) &&
    followed.length > 0 &&
    followed.every(({ sent, isDelivered }) => sent > 0 && isDelivered)
  )
}

/**
 * True for what is predicted of a lease of which no host is known although all were named: packets for it have no
 * receiver. What a ping saw of it is no prediction.
 */
function isTowardsNobody(
  { code, subject: { peer } }: Finding,
  { complete, hosts }: ClusterSnapshot,
): boolean {
  return complete && peer !== undefined && !hosts.has(peer) && !code.startsWith('dataplane/')
}

function losesPackets(findings: readonly Finding[], looked: LookedAt): boolean {
  if (areDelivered(looked)) return false
  const isRefuted = refutedByPings(looked.snapshot.observations ?? [])
  const former = findings.filter(({ hostsKeepFormer }) => hostsKeepFormer)
  return findings.some(
    (finding) =>
      finding.effect === 'loss' &&
      !isTowardsNobody(finding, looked.snapshot) &&
      !former.some((cause) => explains(cause, finding)) &&
      !isRefuted(finding),
  )
}

function verdictOf(looked: LookedAt, { complete }: Scope): Verdict {
  const findings = looked.results.flatMap((result) => result.findings)
  if (looked.followed.some(isLost) || losesPackets(findings, looked)) return 'broken'
  if (findings.some(({ severity }) => severity !== 'info')) return 'at-risk'
  return complete ? 'healthy' : 'undecided'
}

/** A pod that only shares its node's network sees neither processes nor networks of other pods. */
function hidesContainers({ via, facts: { containers } }: HostSnapshot): boolean {
  return (
    via.startsWith('kubectl://') &&
    containers.known &&
    containers.value.some(({ problem, isGone }) => problem !== undefined && !isGone)
  )
}

function adviceOn({ hosts, datastore: { leases } }: ClusterSnapshot): readonly string[] {
  if (hosts.size === 0 && leases.known)
    return ['no host was looked at: name some by --host or --inventory, or record them again']
  if (hosts.size === 0)
    return [
      'no host was looked at: leases that name them could not be read; say where they are by --etcd or --kubeconfig, or name hosts by --host or --inventory',
    ]
  if (![...hosts.values()].some(hidesContainers)) return []
  return [
    'pods by which kubectl:// looks into the networks of others: kubectl apply -k runners/kubernetes-manifests/entry',
  ]
}

/** The verdict of a run, and what it is about. */
export function judgementOf(looked: LookedAt): Judgement {
  const scope = scopeOf(looked)
  const { snapshot } = looked
  if (isFlannelAbsent(snapshot))
    return { verdict: absenceVerdict(snapshot), scope, advice: absenceAdvice(snapshot) }
  return { verdict: verdictOf(looked, scope), scope, advice: adviceOn(snapshot) }
}
