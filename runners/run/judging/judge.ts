/** A snapshot to a report: evaluate, select, diagnose, build. No host is touched. */
import type { Check, Severity } from '../../../checks/check.ts'
import { rankByStage } from '../../../checks/diagnosis/by-stage.ts'
import { diagnose } from '../../../checks/diagnosis/diagnose.ts'
import { ruledOut } from '../../../checks/diagnosis/ruled-out.ts'
import { applyWaivers, type Waived, type Waiver } from '../../../checks/diagnosis/waivers.ts'
import { type CheckResult, evaluate } from '../../../checks/evaluate.ts'
import { clusterIdentity } from '../../../checks/expected/cluster-identity.ts'
import { formatAddress, formatPrefix } from '../../../checks/model/address.ts'
import { isProbeObservation } from '../../../checks/model/observation.ts'
import { endName } from '../../../checks/model/path.ts'
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { typedCommand } from '../../../checks/model/typed-command.ts'
import { CHECKS } from '../../../checks/registry.ts'
import { type JudgedTrace, judgePings } from '../../../checks/trace/seen/judged-trace.ts'
import { isFlannelAbsent } from '../../../checks/verdict/no-flannel.ts'
import type { FollowedPing } from '../../../checks/verdict/scope.ts'
import { judgementOf } from '../../../checks/verdict/verdict.ts'
import {
  buildReport,
  type RecordedCommand,
  type RunOutcome,
  type TypedOn,
} from '../../../reports/document/build-report.ts'
import type { Report, ReportNetwork } from '../../../reports/document/report.ts'
import type { LoadedPlugins } from '../../plugins/loaded-plugins.ts'
import { type Selection, selectChecks, selectFindings } from './selection.ts'

export interface JudgeSettings {
  readonly selection: Selection
  readonly failOn: Severity
  /** Findings that are accepted; none unless given. */
  readonly waivers?: readonly Waiver[]
  readonly plugins?: Pick<LoadedPlugins, 'checks' | 'failures'>
}

/** What a run knows besides the snapshot. */
export interface RunRecord {
  readonly run: Report['run']
  readonly commands: readonly RecordedCommand[]
}

/** Where the leases are kept, and under which prefix. */
function storeOf({
  datastore: { etcd, kubernetes },
}: ClusterSnapshot): Pick<ReportNetwork, 'prefix' | 'api' | 'access'> | undefined {
  if (etcd.known) return { prefix: etcd.value.prefix, api: etcd.value.api }
  if (!kubernetes.known) return undefined
  const { annotationPrefix: prefix, access } = kubernetes.value
  return { prefix, api: 'kubernetes', ...present({ access }) }
}

function networkOf(snapshot: ClusterSnapshot): ReportNetwork | null {
  const { config, leases } = snapshot.datastore
  const store = storeOf(snapshot)
  if (store === undefined || !config.known || !leases.known) return null
  const { hostByLease, hostByPublicIp } = clusterIdentity(snapshot)
  return {
    ...store,
    config: config.value.text,
    backend: config.value.backendType,
    network: formatPrefix(config.value.network),
    leases: leases.value.leases.map((lease) => {
      const host = hostByLease.get(lease) ?? hostByPublicIp.get(lease.publicIp)
      return {
        subnet: formatPrefix(lease.subnet),
        publicIp: formatAddress(lease.publicIp),
        ...present({ host, ttlSeconds: lease.ttlSeconds, vtepMac: lease.vtepMac }),
      }
    }),
  }
}

const NONE: Required<JudgeSettings>['plugins'] = { checks: [], failures: [] }

/** The checks to run, ours and those of plugins. Throws InputError for unknown names in the selection. */
export function selectedChecks({ selection, plugins = NONE }: JudgeSettings): readonly Check[] {
  return selectChecks([...CHECKS, ...plugins.checks], selection)
}

/** The checks that a snapshot without probes cannot answer, and the flag that sends them. */
function unprobed(checks: readonly Check[], { observations }: ClusterSnapshot): Report['notSelected'] {
  if (observations?.some(isProbeObservation)) return []
  const isTraced = observations?.some(({ kind }) => kind === 'trace') === true
  return checks
    .filter(({ observes }) => observes && !(isTraced && observes.includes('trace')))
    .map(({ id }) => ({ check: id, flag: '--probe' }))
}

/** The ends of a ping that was followed, who asked first. */
function endsOf({ direction, from, to }: JudgedTrace): string {
  return (direction === 'request' ? [from, to] : [to, from]).map(endName).join(' to ')
}

/** Tells of a followed ping whether its loss is accepted. */
function waivedPings({ findings }: Waived): (trace: JudgedTrace) => boolean {
  const objects = [...findings.keys()].flatMap(({ code, subject }) =>
    code.startsWith('dataplane/followed-ping:') ? [subject.object] : [],
  )
  return (trace) => objects.some((object) => object?.endsWith(` ${endsOf(trace)}`))
}

/** Results without the findings that are accepted. */
function counted(results: readonly CheckResult[], { findings: waived }: Waived): readonly CheckResult[] {
  if (waived.size === 0) return results
  return results.map((result) => ({
    ...result,
    findings: result.findings.filter((finding) => !waived.has(finding)),
  }))
}

/** Directions that were followed, and packets that were to be. */
function followedPings(
  { observations = [] }: ClusterSnapshot,
  traces: RunOutcome['traces'],
): readonly FollowedPing[] {
  const sent = traces.map((trace) => ({
    between: endsOf(trace),
    sent: trace.ping.sent,
    isDelivered: trace.ends === 'delivered',
    isOversize: trace.endsTake !== undefined,
    isWaived: trace.waived === true,
  }))
  const unsent = observations.flatMap((one) =>
    one.kind === 'untraced'
      ? [{ between: `${one.source} to ${one.target}`, sent: 0, isDelivered: false, isOversize: false }]
      : [],
  )
  return [...sent, ...unsent]
}

/** How a command is typed for a host of a snapshot where flannel-doctor ran; one of the datastore as it stands. */
export function typedOn({ hosts, datastore: { etcd, kubernetes } }: ClusterSnapshot): TypedOn {
  const store = etcd.known ? etcd : kubernetes
  const etcdVia = (store.known ? store.value.via : undefined) ?? ''
  return (host, command) => typedCommand(host === '' ? etcdVia : (hosts.get(host)?.via ?? ''), command)
}

/** The checks that a snapshot is judged by, and those that it was not probed for. */
export function chosenChecks(snapshot: ClusterSnapshot, settings: JudgeSettings) {
  const selected = selectedChecks(settings)
  const notSelected = unprobed(selected, snapshot)
  const skipped = new Set(notSelected.map(({ check }) => check))
  const checks = isFlannelAbsent(snapshot) ? [] : selected.filter(({ id }) => !skipped.has(id))
  return { checks, notSelected }
}

/** Judges a snapshot as it was when its collection ended. Throws InputError for an unknown selection. */
export function judge(snapshot: ClusterSnapshot, facts: RunRecord, settings: JudgeSettings): Report {
  const { checks, notSelected } = chosenChecks(snapshot, settings)
  return reported(evaluate(snapshot, checks, snapshot.window.to), { snapshot, facts, settings, notSelected })
}

/** What was judged, besides its results. */
interface Judged {
  readonly snapshot: ClusterSnapshot
  readonly facts: RunRecord
  readonly settings: JudgeSettings
  readonly notSelected: Report['notSelected']
}

/** The report of what was judged. */
export function reported(
  evaluated: readonly CheckResult[],
  { snapshot, facts, settings, notSelected }: Judged,
): Report {
  const results = [...selectFindings(evaluated, settings.selection), ...(settings.plugins ?? NONE).failures]
  const { traces: judged, loss } = judgePings(snapshot)
  const { causes } = diagnose(results.flatMap(({ findings }) => findings))
  const ranked = loss ? rankByStage(causes, loss) : causes
  const waived = applyWaivers(settings.waivers ?? [], ranked, Date.parse(facts.run.startedAt))
  const isWaived = waivedPings(waived)
  const traces = judged.map((trace) => ({ ...trace, ...(isWaived(trace) && { waived: true as const }) }))
  return buildReport({
    ...facts,
    traces,
    typedOn: typedOn(snapshot),
    judgement: judgementOf({
      snapshot,
      results: counted(results, waived),
      selection: settings.selection,
      followed: followedPings(snapshot, traces),
      waived: waived.findings.size,
    }),
    snapshot,
    results,
    waived,
    ruledOut: ruledOut(results),
    network: networkOf(snapshot),
    nodes: clusterIdentity(snapshot).nodeByHost,
    failOn: settings.failOn,
    notSelected,
  })
}
