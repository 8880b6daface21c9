/**
 * Runs checks over a cluster snapshot. A missing fact makes a check inconclusive,
 * never passed and never failed; a check that throws is an error of this suite and
 * stops nothing else. The only try/catch in checks/.
 */
import type { Check, CheckId, ClusterCheck, Draft, HostCheck, Outcome, Unsure } from './check.ts'
import type { ExpectedHost, NoExpectation } from './expected/expected.ts'
import { clusterContext, expectedHost } from './expected/expected-host.ts'
import { type Finding, toFinding } from './finding.ts'
import { type Gathered, gather, isDatastoreFact } from './gather.ts'
import { present } from './model/present.ts'
import type { ClusterSnapshot, FactName, HostName, HostSnapshot, Source } from './model/snapshot.ts'
import { NOT_READ, type PlaceReason, reasonsByPlace, reasonsOnce } from './reasons-by-place.ts'
import type { ClusterContext } from './view.ts'

export interface CheckResult {
  readonly check: CheckId
  readonly scope: 'cluster' | 'host'
  readonly host?: HostName
  readonly outcome: Outcome
  /** Why inconclusive, not applicable or in error. */
  readonly reason?: string
  /** Set where the reason is that the datastore could not be read, which holds for many checks at once. */
  readonly blockedBy?: 'datastore'
  readonly findings: readonly Finding[]
}

/** What judging gives, without the check and the host it is about. */
type Judged = Pick<CheckResult, 'outcome' | 'reason' | 'blockedBy' | 'findings'>

interface Judging {
  readonly snapshot: ClusterSnapshot
  readonly context: ClusterContext
  readonly expectedOf: (host: HostName) => ExpectedHost | NoExpectation
}

type AnyHostCheck = HostCheck<FactName, string>
type AnyClusterCheck = ClusterCheck<FactName, string>

/** The leases are in one of the two: that the other plays no part keeps nothing from being judged. */
const STORES: ReadonlySet<FactName> = new Set(['etcd', 'kubernetes'])

function absentResult({ name, fact }: NonNullable<Gathered['absent']>): Judged {
  const isOtherStore = STORES.has(name) && fact.why === 'not-applicable'
  return {
    outcome: fact.why === 'not-applicable' ? 'not-applicable' : 'inconclusive',
    reason: `${name} ${fact.why}: ${fact.detail}`,
    ...(isDatastoreFact(name) && !isOtherStore && { blockedBy: 'datastore' }),
    findings: [],
  }
}

/** Why the check does not apply to this backend; undefined when it does or when the backend is unknown. */
function backendMismatch(check: Check, snapshot: ClusterSnapshot): string | undefined {
  const { config } = snapshot.datastore
  if (check.backends === 'any' || !config.known || check.backends.includes(config.value.backend))
    return undefined
  return `backend is ${config.value.backendType}`
}

function judgement(
  drafts: Iterable<Draft | Unsure>,
  { hosts }: ClusterSnapshot,
  toResult: (draft: Draft) => Finding,
): Judged {
  const findings: Finding[] = []
  const unsure: string[] = []
  for (const draft of drafts) {
    if ('unsure' in draft) unsure.push(draft.unsure)
    else findings.push(toResult(draft))
  }
  const reason = unsure.length > 0 ? { reason: reasonsOnce(unsure, hosts) } : {}
  if (findings.length > 0) return { outcome: 'fail', findings, ...reason }
  return { outcome: unsure.length > 0 ? 'inconclusive' : 'pass', findings, ...reason }
}

function judgeHost(check: AnyHostCheck, host: HostSnapshot, judging: Judging): Judged {
  const { snapshot, context } = judging
  const { facts, sources, absent } = gather(snapshot, host, check.needs)
  if (absent) return absentResult(absent)
  const expected = check.needsExpected ? judging.expectedOf(host.host) : undefined
  if (expected !== undefined && 'reason' in expected) {
    const { reason, blockedBy } = expected
    return { outcome: 'inconclusive', reason, ...present({ blockedBy }), findings: [] }
  }
  const view = { host: host.host, facts, sources, expected, cluster: context }
  const drafts = check.evaluate(view as never)
  const place = { host: host.host, sources, snapshot }
  return judgement(drafts, snapshot, (draft) => toFinding(check as unknown as Check, draft, place))
}

/** Why a cluster check does without a host; nothing where the host has no part in it. */
function missingReason(
  { host, unreachable }: HostSnapshot,
  { name, fact }: NonNullable<Gathered['absent']>,
): readonly PlaceReason[] {
  if (fact.why === 'not-applicable') return []
  return [{ place: host, says: unreachable === undefined ? `${name} ${fact.why}` : NOT_READ }]
}

function judgeCluster(check: AnyClusterCheck, judging: Judging): Judged {
  const { snapshot, context } = judging
  const ofDatastore = gather(snapshot, undefined, check.needs.filter(isDatastoreFact))
  if (ofDatastore.absent) return absentResult(ofDatastore.absent)
  const hostNeeds = check.needs.filter((name) => !isDatastoreFact(name))
  const hosts = new Map<HostName, { readonly sources: Record<string, Source> }>()
  const missing: PlaceReason[] = []
  for (const host of hostNeeds.length > 0 ? snapshot.hosts.values() : []) {
    const { facts, sources, absent } = gather(snapshot, host, hostNeeds)
    if (absent) {
      missing.push(...missingReason(host, absent))
      continue
    }
    const expected = judging.expectedOf(host.host)
    const seen = { facts, sources, ...(!('reason' in expected) && { expected }) }
    hosts.set(host.host, seen)
  }
  const view = { facts: ofDatastore.facts, sources: ofDatastore.sources, hosts, cluster: context }
  const sourcesOf = (host?: HostName) => ({ ...ofDatastore.sources, ...(host && hosts.get(host)?.sources) })
  const result = judgement(check.evaluate(view as never), snapshot, (draft) =>
    toFinding(check as unknown as Check, draft, { sources: sourcesOf(draft.host), snapshot }),
  )
  if (result.outcome !== 'pass' || missing.length === 0) return result
  return { outcome: 'inconclusive', reason: reasonsByPlace(missing), findings: [] }
}

function guarded(check: Check, host: HostSnapshot | undefined, judging: Judging): Judged {
  const mismatch = backendMismatch(check, judging.snapshot)
  if (mismatch !== undefined) return { outcome: 'not-applicable', reason: mismatch, findings: [] }
  try {
    return host
      ? judgeHost(check as unknown as AnyHostCheck, host, judging)
      : judgeCluster(check as unknown as AnyClusterCheck, judging)
  } catch (error) {
    const reason = `the check itself failed: ${error instanceof Error ? error.message : String(error)}`
    return { outcome: 'error', reason, findings: [] }
  }
}

const NONE: readonly never[] = []

/** Of a thousand hosts there are eighty thousand results, most without findings: those are kept as small as can be. */
function resultOf({ id, scope }: Check, host: HostSnapshot | undefined, judged: Judged): CheckResult {
  const { outcome, reason } = judged
  if (host === undefined) return { check: id, scope, ...judged }
  if (outcome === 'pass') return { check: id, scope, host: host.host, outcome, findings: NONE }
  return outcome === 'not-applicable' && reason !== undefined && judged.blockedBy === undefined
    ? { check: id, scope, host: host.host, outcome, reason, findings: NONE }
    : { check: id, scope, host: host.host, ...judged }
}

/**
 * Judges a snapshot one result at a time, for whoever may have to stop in between: given to `next`, the reason for a stop
 * makes everything that follows inconclusive. First the whole network, then host by host, so that what the checks of one
 * host share is made once; `inCheckOrder` puts the results as reports have them.
 */
export function* evaluation(
  snapshot: ClusterSnapshot,
  checks: readonly Check[],
  now: number,
): Generator<CheckResult, void, string | undefined> {
  const context = clusterContext(snapshot, now)
  const expectedOf = (host: HostName): ExpectedHost | NoExpectation => expectedHost(snapshot, host)
  const judging: Judging = { snapshot, context, expectedOf }
  let stopped: string | undefined
  const byScope = Map.groupBy(checks, ({ scope }) => scope)
  for (const host of [undefined, ...snapshot.hosts.values()]) {
    for (const check of byScope.get(host === undefined ? 'cluster' : 'host') ?? NONE) {
      const judged: Judged =
        stopped === undefined
          ? guarded(check, host, judging)
          : { outcome: 'inconclusive', reason: stopped, findings: [] }
      stopped = (yield resultOf(check, host, judged)) ?? stopped
    }
  }
}

/** Results check by check, as the checks are listed, and hosts as they were judged. */
export function inCheckOrder(results: readonly CheckResult[], checks: readonly Check[]): CheckResult[] {
  const byCheck = new Map(checks.map(({ id }) => [id, [] as CheckResult[]]))
  for (const result of results) byCheck.get(result.check)?.push(result)
  return [...byCheck.values()].flat()
}

/**
 * Judges a snapshot with the given checks.
 * `now` is milliseconds since 1970: checks have no clock of their own.
 */
export function evaluate(snapshot: ClusterSnapshot, checks: readonly Check[], now: number): CheckResult[] {
  return inCheckOrder([...evaluation(snapshot, checks, now)], checks)
}
