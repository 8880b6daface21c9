/**
 * The contract of a check: metadata as data, declared needs, declared finding
 * codes, and one pure `evaluate` that compares expected with observed.
 */
import type { Fix, HealStep } from './heal-step.ts'
import type { Named, ObjectKind } from './model/named.ts'
import type { Backend } from './model/network-config.ts'
import type { ObservationKind } from './model/observation.ts'
import type { FactName, HostName, Source } from './model/snapshot.ts'
import type { ClusterView, HostView } from './view.ts'

/** Layers in the order in which they are checked and printed: causes sit above their symptoms. */
export const LAYERS = [
  'datastore',
  'node',
  'lease',
  'daemon',
  'subnet-env',
  'underlay',
  'link',
  'tunnel',
  'route',
  'neighbour',
  'fdb',
  'netfilter',
  'cni',
  'bridge',
  'path',
  'dataplane',
] as const
export type Layer = (typeof LAYERS)[number]

export type CheckId = `${Layer}/${string}`
export type Severity = 'critical' | 'warning' | 'info'
/**
 * What a finding means for packets. `loss`: who has it loses packets now · `risk`: packets pass until something
 * happens (a restart, a reboot, the end of a lease), or only some such states lose any, which the walk of the
 * packet or a probe shows · `none`: worth knowing.
 */
export type Effect = 'loss' | 'risk' | 'none'
export type Confidence = 'certain' | 'likely' | 'possible'
export type Outcome = 'pass' | 'fail' | 'not-applicable' | 'inconclusive' | 'error'

/** What a finding is about. `object` is the thing in the field's words: `route 10.1.7.0/24`. */
export interface Subject {
  readonly host?: HostName
  readonly peer?: HostName
  readonly object?: string
  /** The parts of `object` where its kind is one of those that are known. */
  readonly kind?: ObjectKind
  readonly name?: string
}

/** What proves a finding, and the command that shows it: a literal part of what the command prints. */
export interface Evidence {
  readonly source: Source
  readonly excerpt: string
  /** True where the excerpt is a conclusion (an absence, a comparison) and not a line that was printed. */
  readonly derived?: true
}

/**
 * How the symptom's subject relates to the cause's:
 * `same-host` same host · `same-pair` same host and same peer · `involves-host` the
 * cause's host is the symptom's host or peer · `involves-either` the same of the cause's host or
 * peer · `peer-of` the symptom's peer is the cause's host · `anywhere`.
 */
export const RELATIONS = [
  'anywhere',
  'same-host',
  'same-pair',
  'peer-of',
  'involves-host',
  'involves-either',
] as const

export type Relation = (typeof RELATIONS)[number]

/** A symptom that a finding would cause. `code` is a full code, or `layer/check:*`, or `layer/*`. */
export interface Explains {
  readonly code: string
  readonly when: Relation
}

/** The fixed part of a finding code: severity, wording, remedy and what it explains. */
export interface FindingKind {
  readonly severity: Severity
  /** Every critical code says it; of the others a warning is a risk, a note nothing. */
  readonly effect?: Effect
  /** True where pings between hosts pass by what is lost, so that their answers prove nothing about it. */
  readonly unseenByPings?: true
  /**
   * True where the configuration was changed under hosts that go on with the former one: what it explains compares them
   * with a state that none of them is in, and loses nothing.
   */
  readonly hostsKeepFormer?: true
  readonly confidence: Confidence
  /** One sentence; `{name}` is replaced from the draft's `data`. */
  readonly says: string
  /** What an operator does, one or two sentences; `{name}` as in `says`. */
  readonly fix: string
  /** The same where Kubernetes makes the containers: what differs from the words for Docker. */
  readonly withPods?: { readonly says?: string; readonly fix?: string; readonly heal?: readonly HealStep[] }
  /** The same as commands to paste, where commands can heal it. */
  readonly heal?: readonly HealStep[]
  readonly explains?: readonly Explains[]
}

/** A container of a host. */
export interface PlacedContainer {
  readonly host: HostName
  readonly container: string
}

/** Who sends to whom. */
export interface Ends {
  readonly host: HostName
  readonly peer: HostName
}

/** What `evaluate` yields for one fault. */
export interface Draft<C extends string = string> {
  readonly code: C
  readonly peer?: HostName
  readonly object?: Named | string
  readonly expected?: string
  readonly observed?: string
  readonly data?: Readonly<Record<string, string | number>>
  /** Default: the declared fact that shows the object (`proof.ts`). */
  readonly evidence?: readonly Evidence[]
  /** The declared fact that shows it, where the object's kind does not tell. */
  readonly shownBy?: FactName
  /** The words of the line that shows it, where they are others than object and `observed`. */
  readonly prints?: readonly string[]
  /** Set by cluster checks, which have no host of their own. */
  readonly host?: HostName
  /** Ends of the packet that was lost, where it was led to a host that is none of them. */
  readonly ends?: Ends
  /** Where this one is other than its code says: with udp, for one, a flanneld that is gone loses every packet. */
  readonly effect?: Effect
  /** Of a route that leads astray the links it leads to; of what a filter takes the link without which it would pass. */
  readonly outLinks?: readonly string[]
  /** Set where no ping of a probe is like what is lost. */
  readonly unseenByPings?: true
  /** Set where it is about the packets of one container alone: only pings of that one say whether they pass. */
  readonly ofContainer?: PlacedContainer
  /** What an operator does, where this one needs another remedy than its code says. */
  readonly fix?: string
  /** Steps that heal this one, instead of those of its code. */
  readonly heal?: readonly HealStep[]
  /** Commands that heal this one, ready made. */
  readonly fixes?: readonly Fix[]
}

/** Yielded when a part of the comparison cannot be judged: the outcome is then at best inconclusive. */
export interface Unsure {
  readonly unsure: string
}

interface CheckBase<N extends FactName, C extends string> {
  /** Equals the file path below checks/, without extension. */
  readonly id: CheckId
  /** On trial: it runs and reports, but breaks no clause (checks/clauses). */
  readonly stage?: 'trial'
  /** Noun phrase: "FDB entries for peer VTEPs". */
  readonly title: string
  readonly backends: readonly Backend[] | 'any'
  readonly needs: readonly N[]
  /** What must have been probed: the check is not selected in a run that sends no packets. */
  readonly observes?: readonly ObservationKind[]
  /** True where it asks what becomes of the packets of all pairs (`trace/pairs/predictions.ts`), which are then walked first. */
  readonly walks?: true
  readonly findings: Readonly<Record<C, FindingKind>>
}

export interface HostCheck<N extends FactName = FactName, C extends string = string> extends CheckBase<N, C> {
  readonly scope: 'host'
  /** True when the check compares with `view.expected`; without an own lease it is then inconclusive. */
  readonly needsExpected: boolean
  evaluate(view: HostView<N>): Iterable<Draft<C> | Unsure>
}

export interface ClusterCheck<N extends FactName = FactName, C extends string = string>
  extends CheckBase<N, C> {
  readonly scope: 'cluster'
  evaluate(view: ClusterView<N>): Iterable<Draft<C> | Unsure>
}

export type Check = HostCheck<never, string> | ClusterCheck<never, string>
