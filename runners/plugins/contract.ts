/**
 * The contract of a plugin: checks, facts, clauses, faults and reporters of somebody else's, as data and pure functions.
 * They are declared as ours are, under the plugin's own name: check `acme/dns`, fact `acme.resolver`, clause `ACME-DNS-01`,
 * fault `acme/resolver-gone`, format `acme/csv`. This file is what `flannel-doctor/plugin` gives.
 */
import type { Draft, FindingKind, Unsure } from '../../checks/check.ts'
import type { ClauseLevel } from '../../checks/clauses/clause.ts'
import type { ExpectedHost } from '../../checks/expected/expected.ts'
import type { Backend } from '../../checks/model/network-config.ts'
import type { Observation, ObservationKind } from '../../checks/model/observation.ts'
import type { Absence, DatastoreFacts, HostFacts, HostName, Source } from '../../checks/model/snapshot.ts'
import type { Fault } from '../../fixtures/fault.ts'
import type { Report } from '../../reports/document/report.ts'

export type { Draft, FindingKind, Unsure } from '../../checks/check.ts'
export { formatAddress, formatPrefix, parseAddress, parsePrefix } from '../../checks/model/address.ts'
export type { Observation, ObservationKind } from '../../checks/model/observation.ts'
export { attempt, on } from '../../fixtures/fault.ts'

/** The version of this contract; a plugin names the one it was written for. */
export const API_VERSION = 1

/**
 * What the facts of plugins hold, by their names. A plugin adds its own by
 * `declare module 'flannel-doctor/plugin' { interface PluginFacts { 'acme.resolver': Resolver } }`.
 */
export interface PluginFacts {
  readonly [name: `${string}.${string}`]: unknown
}

type AllFacts = HostFacts & DatastoreFacts & PluginFacts
/** A fact of flannel-doctor, or of the plugin itself. */
export type PluginFactName = keyof HostFacts | keyof DatastoreFacts | `${string}.${string}`
type Facts<N extends PluginFactName> = { readonly [K in N]: AllFacts[K] }
type Sources<N extends PluginFactName> = { readonly [K in N]: Source }

/** What every check of a run shares. */
export interface PluginContext {
  /** Milliseconds since 1970: a check has no clock of its own. */
  readonly now: number
  /** Host names by the public IP of their lease, as a number. */
  readonly hostByPublicIp: ReadonlyMap<number, HostName>
  /** What pings and traces showed, of the kinds that the check `observes`. */
  readonly observations: readonly Observation[]
}

/** What a host check is given: the facts that it declared, and nothing else. */
export interface PluginHostView<N extends PluginFactName> {
  readonly host: HostName
  readonly facts: Facts<N>
  readonly sources: Sources<N>
  /** What flannel should have written; there where the check says `needsExpected`. */
  readonly expected: ExpectedHost
  readonly cluster: PluginContext
}

/** What a cluster check is given: the same for every host on which all of its facts are known. */
export interface PluginClusterView<N extends PluginFactName> {
  readonly facts: Facts<N>
  readonly sources: Sources<N>
  readonly hosts: ReadonlyMap<
    HostName,
    { readonly facts: Facts<N>; readonly sources: Sources<N>; readonly expected?: ExpectedHost }
  >
  readonly cluster: PluginContext
}

interface PluginCheckBase<N extends PluginFactName, C extends string> {
  /** `acme/dns`. */
  readonly id: string
  /** Noun phrase: "resolvers of the host". */
  readonly title: string
  /** The page that `explain` shows: Markdown, or the file it is in (`new URL('dns.md', import.meta.url)`). */
  readonly page: string | URL
  readonly backends?: readonly Backend[] | 'any'
  readonly needs: readonly N[]
  /** What must have been probed, such as `ping`: the check is not run where no packet is sent. */
  readonly observes?: readonly ObservationKind[]
  readonly findings: Readonly<Record<C, FindingKind>>
}

/** A check of one host. */
export interface PluginHostCheck<N extends PluginFactName = PluginFactName, C extends string = string>
  extends PluginCheckBase<N, C> {
  readonly scope: 'host'
  readonly needsExpected?: boolean
  /** Yields the differences, or that it cannot be sure; nothing where all is as it should be. */
  evaluate(view: PluginHostView<N>): Iterable<Draft<C> | Unsure>
}

/** A check that compares hosts with each other, or judges the datastore. */
export interface PluginClusterCheck<N extends PluginFactName = PluginFactName, C extends string = string>
  extends PluginCheckBase<N, C> {
  readonly scope: 'cluster'
  /** Yields the differences, or that it cannot be sure; nothing where all is as it should be. */
  evaluate(view: PluginClusterView<N>): Iterable<Draft<C> | Unsure>
}

export type PluginCheck = PluginHostCheck<never, string> | PluginClusterCheck<never, string>

/** Declares a check of one host. Reading an undeclared fact or yielding an undeclared code does not compile. */
export function defineHostCheck<const N extends PluginFactName, const C extends string>(
  check: Omit<PluginHostCheck<N, C>, 'scope'>,
): PluginCheck {
  return { scope: 'host', ...check } as unknown as PluginCheck
}

/** Declares a check of the whole network. */
export function defineClusterCheck<const N extends PluginFactName, const C extends string>(
  check: Omit<PluginClusterCheck<N, C>, 'scope'>,
): PluginCheck {
  return { scope: 'cluster', ...check } as unknown as PluginCheck
}

/** What a host answered. */
export interface PluginSection {
  readonly stdout: string
  readonly stderr: string
}

/** A fact: a command of the host and its parser. It comes with our own one round trip. */
export interface PluginFact {
  /** `acme.resolver`. */
  readonly fact: string
  /** What a person would type; shown as evidence. */
  readonly command: string
  /** POSIX shell lines that print the section, where they are others than the command. They change nothing on the host. */
  readonly script?: string
  /** Exit statuses that still carry a readable answer; default 0 only. */
  readonly acceptExit?: readonly number[]
  /** A value of plain data, or why there is none. What it throws is the reason, too. */
  parse(
    section: PluginSection,
  ): { readonly value: unknown } | { readonly problem: { readonly why: Absence; readonly detail: string } }
}

/** Declares a fact. */
export function defineFact(fact: PluginFact): PluginFact {
  return fact
}

/** A format of reports. */
export interface PluginReporter {
  /** `acme/csv`. */
  readonly name: string
  readonly about: string
  /** The whole text of the format. */
  render(report: Report, canvas: { readonly color: boolean; readonly width: number }): string
}

/** Declares a format of reports: a pure function of the report. */
export function defineReporter(reporter: PluginReporter): PluginReporter {
  return reporter
}

/** A statement about a network, of the profile that has the plugin's name. */
export interface PluginClause {
  /** `ACME-DNS-01`; a number is never used again. */
  readonly id: string
  readonly level: ClauseLevel
  readonly says: string
  readonly source: string
  readonly backends?: readonly Backend[]
  /** Finding codes that break it, of this plugin's checks or ours. */
  readonly codes: readonly string[]
  /**
   * A fault of this plugin that `conformance` of a lab does first: the clause is met when none of the codes is found
   * within 15 s after it. Without one the state as it is decides.
   */
  readonly after?: string
}

/** A fault for `lab inject`; what undoes it is kept with the lab. */
export type PluginFault = Pick<Fault, 'id' | 'title' | 'backends' | 'inject' | 'settle'> & {
  readonly heal: Exclude<Fault['heal'], string>
  /** The finding code that is to be ranked first. */
  readonly cause: string
}

/** Declares a fault. */
export function defineFault(fault: PluginFault): PluginFault {
  return fault
}

/** Everything a plugin brings. It is the default export of its module. */
export interface Plugin {
  readonly apiVersion: typeof API_VERSION
  /** Small letters, digits and hyphens; the beginning of all its names. */
  readonly name: string
  readonly checks?: readonly PluginCheck[]
  readonly facts?: readonly PluginFact[]
  readonly clauses?: readonly PluginClause[]
  readonly faults?: readonly PluginFault[]
  readonly reporters?: readonly PluginReporter[]
}

/** Declares a plugin. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin
}
