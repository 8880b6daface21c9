/** What a verdict is about: a network of which one host was looked at is not healthy, that host is. */
import type { CheckResult } from '../evaluate.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { isWalked, predictions } from '../trace/pairs/predictions.ts'

interface Part {
  readonly lookedAt: number
  readonly all: number
}

interface Sample {
  readonly pairs: number
  readonly ofPairs: number
}

export interface Scope {
  /** Hosts that answered, of those that were named. */
  readonly hosts: Part
  /** Leases of these hosts, of all leases; absent where the leases are not known. */
  readonly leases?: Part
  /** Ordered pairs of hosts that were probed, of all; absent where no probe was sent. */
  readonly probes?: Sample
  /** Ordered pairs of hosts whose pings were predicted, of all; absent where it was all of them, and where none was. */
  readonly walks?: Sample
  /** Pings that were followed on their way, as `h1/c1 to h2/c2`. */
  readonly followed: readonly string[]
  /** Findings that somebody has accepted; absent where there are none. */
  readonly waived?: number
  /** Checks, layers and codes that were asked for or left out. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
  /** Of pods only those of this namespace. */
  readonly namespace?: string
  /** Judgements that could not be made. */
  readonly undecided: number
  /** False where something could not be judged, so that nothing found does not mean healthy. */
  readonly complete: boolean
  /** What the verdict does not cover, in words; empty when it covers everything. */
  readonly says: readonly string[]
}

/** What a run looked at. */
export interface LookedAt {
  readonly snapshot: ClusterSnapshot
  readonly results: readonly CheckResult[]
  readonly selection: Pick<Scope, 'only' | 'skip' | 'namespace'>
  readonly followed: readonly FollowedPing[]
  /** Findings that are not among the results because somebody has accepted them. */
  readonly waived?: number
}

/** One direction of a ping that was followed. */
export interface FollowedPing {
  /** Its ends, request first whatever the direction. */
  readonly between: string
  /** Requests that left the sender. */
  readonly sent: number
  readonly isDelivered: boolean
  /** True where somebody has accepted that it is lost. */
  readonly isWaived?: boolean
  /** True where it was asked to be larger than the links of its own ends take: no network delivers that. */
  readonly isOversize: boolean
}

function leasesOf(snapshot: ClusterSnapshot): Part | undefined {
  const { leases } = snapshot.datastore
  if (!leases.known) return undefined
  const { hostByLease, hostByPublicIp } = clusterIdentity(snapshot)
  const own = leases.value.leases.filter(
    (lease) => hostByLease.has(lease) || hostByPublicIp.has(lease.publicIp),
  )
  return { lookedAt: own.length, all: leases.value.leases.length }
}

function probesOf({ observations }: ClusterSnapshot): Scope['probes'] {
  const plan = observations?.find((one) => one.kind === 'probe-plan')
  return plan && { pairs: plan.pairs, ofPairs: plan.ofPairs }
}

/** Of large networks only some pairs are walked; a host's tables are compared for every peer all the same. */
function walksOf(snapshot: ClusterSnapshot): Scope['walks'] {
  if (!isWalked(snapshot)) return undefined
  const { pairs, of: ofPairs } = predictions(snapshot)
  return pairs < ofPairs ? { pairs, ofPairs } : undefined
}

function walksText(walks: Scope['walks']): readonly string[] {
  return walks === undefined ? [] : [`${walks.pairs} of ${walks.ofPairs} pairs of hosts walked`]
}

function probesText(probes: Scope['probes'], followed: readonly string[]): readonly string[] {
  if (probes === undefined && followed.length === 0) return ['without probes']
  if (probes === undefined)
    return [followed.length === 1 ? 'one packet followed' : `${followed.length} packets followed`]
  return probes.pairs < probes.ofPairs ? [`${probes.pairs} of ${probes.ofPairs} pairs of hosts probed`] : []
}

function partText({ lookedAt, all }: Part, words: string): readonly string[] {
  return lookedAt < all ? [`${lookedAt} of ${all} ${words}`] : []
}

function isUnjudged({ outcome }: CheckResult): boolean {
  return outcome === 'inconclusive' || outcome === 'error'
}

function hostsOf(snapshot: ClusterSnapshot): Part {
  const all = [...snapshot.hosts.values()]
  return {
    lookedAt: all.filter(({ unreachable }) => unreachable === undefined).length,
    all: all.length,
  }
}

/** True where everything that was to be read and sent was, and there was something to judge. */
function isWhole({ snapshot, results, followed }: LookedAt, hosts: Part): boolean {
  const { etcd, kubernetes, config, leases } = snapshot.datastore
  const isRead = (etcd.known || kubernetes.known) && config.known && leases.known
  const isSent = followed.every(({ sent }) => sent > 0)
  return isRead && isSent && hosts.all > 0 && hosts.lookedAt === hosts.all && results.length > 0
}

function scopeText({
  hosts,
  leases,
  probes,
  walks,
  only,
  skip,
  namespace,
  followed,
  waived = 0,
}: Omit<Scope, 'undecided' | 'complete' | 'says'>): readonly string[] {
  return [
    ...partText(hosts, 'hosts reached'),
    ...(leases ? partText(leases, 'leased hosts looked at') : []),
    ...(only.length > 0 ? [`only ${only.join(', ')}`] : []),
    ...(namespace === undefined ? [] : [`of pods only those of ${namespace}`]),
    ...(skip.length > 0 ? [`without ${skip.join(', ')}`] : []),
    ...walksText(walks),
    ...probesText(probes, followed),
    ...(waived > 0 ? [waived === 1 ? 'one finding waived' : `${waived} findings waived`] : []),
  ]
}

/** The scope of a run. */
export function scopeOf(looked: LookedAt): Scope {
  const { snapshot, selection } = looked
  const sent = looked.followed.filter((one) => one.sent > 0)
  const leases = leasesOf(snapshot)
  const probes = probesOf(snapshot)
  const walks = walksOf(snapshot)
  const parts = {
    hosts: hostsOf(snapshot),
    ...present({ leases, probes, walks }),
    followed: [...new Set(sent.map(({ between }) => between))],
    ...(looked.waived && { waived: looked.waived }),
    only: selection.only,
    skip: selection.skip,
    ...present({ namespace: selection.namespace }),
  }
  const undecided = looked.results.filter(isUnjudged).length
  return {
    ...parts,
    undecided,
    complete: undecided === 0 && isWhole(looked, parts.hosts),
    says: scopeText(parts),
  }
}
