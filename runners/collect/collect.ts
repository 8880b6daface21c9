/**
 * Collects every fact of a host: one round trip in the normal case, one more for each
 * section that hangs, and the parsers that turn raw sections into facts.
 */

import { present } from '../../checks/model/present.ts'
import type {
  Absence,
  Fact,
  HostFactName,
  HostName,
  HostSnapshot,
  Source,
} from '../../checks/model/snapshot.ts'
import { type CommandEnd, type CommandResult, type Runner, RunnerError } from '../hosts/command/runner.ts'
import type { Patience } from '../patience.ts'
import { FACT_COLLECTORS } from './facts/index.ts'
import { roundTrip, type Trip, type TripOptions } from './round-trip.ts'
import { absence } from './section/absence.ts'
import type { CollectSettings, FactCollector, Section } from './section/section.ts'

export interface CollectOptions {
  /** Milliseconds one section may take; default 5000. */
  readonly sectionMs?: number
  /** Bytes of output per round trip; default 64 MiB. */
  readonly maxBytes?: number
  readonly signal?: AbortSignal
  /** Of all hosts that are collected together. */
  readonly patience?: Patience
  /** Default: every fact. */
  readonly collectors?: readonly FactCollector[]
}

/** One command that was run on a host, for the report. */
export interface CommandRecord {
  readonly host: HostName
  readonly argv: readonly string[]
  readonly ms: number
  readonly end: string
  /** Milliseconds since 1970. */
  readonly beganAt?: number
}

export interface Collected {
  readonly sections: readonly Section[]
  /** Why the host gave nothing. */
  readonly problem?: RunnerError
  readonly commands: readonly CommandRecord[]
}

const SECTION_MS = 5000
const MAX_BYTES = 64 * 1024 * 1024

/** Settings of a host whose inventory entry says nothing. */
export const NO_SETTINGS: CollectSettings = { containers: [] }

/** A command's end in one or two words. */
export function exitText(end: CommandEnd): string {
  if ('exit' in end) return `exit ${end.exit}`
  if ('signal' in end) return `signal ${end.signal}`
  return 'timedOut' in end ? 'timed out' : (Object.keys(end)[0] ?? '')
}

/** The record of a command that has just ended. */
export function commandRecord(
  host: HostName,
  { argv, ms, end }: Pick<CommandResult, 'argv' | 'ms' | 'end'>,
): CommandRecord {
  return { host, argv, ms, end: exitText(end), beganAt: Date.now() - ms }
}

function tripLimits({
  sectionMs = SECTION_MS,
  maxBytes = MAX_BYTES,
  signal,
  patience,
}: CollectOptions): TripOptions {
  return { sectionMs, maxBytes, ...present({ signal, patience }) }
}

/** The collectors that come after the last one a trip began; none when the trip ran to its end. */
function stillToRun(trip: Trip, collectors: readonly FactCollector[]): readonly FactCollector[] {
  if (!trip.cut) return []
  const last = trip.sections.at(-1)?.name
  return collectors.slice(collectors.findIndex(({ fact }) => fact === last) + 1)
}

/**
 * Runs every collector on one host. Never rejects: a host that cannot be reached is a
 * `problem`, and what was collected before stays.
 */
export async function collectHost(
  runner: Runner,
  settings: CollectSettings = NO_SETTINGS,
  options: CollectOptions = {},
): Promise<Collected> {
  const limits = tripLimits(options)
  const sections: Section[] = []
  const commands: CommandRecord[] = []
  let left = options.collectors ?? FACT_COLLECTORS
  while (left.length > 0 && options.signal?.aborted !== true) {
    try {
      const trip = await roundTrip(runner, { collectors: left, settings }, limits)
      sections.push(...trip.sections)
      commands.push(commandRecord(runner.host, trip.result))
      left = stillToRun(trip, left)
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error
      return { sections, commands, problem: error }
    }
  }
  return { sections, commands }
}

function parseSection<K extends HostFactName>(
  collector: FactCollector<K>,
  section: Section,
  from: Source,
): Fact<unknown> {
  const failed = absence(section, collector.acceptExit ?? [0])
  if (failed !== undefined) return { known: false, ...failed, from }
  try {
    const parsed = collector.parse(section)
    if ('value' in parsed) return { known: true, value: parsed.value, from }
    return { known: false, ...parsed.problem, from }
  } catch (error) {
    return { known: false, why: 'unparsable', detail: (error as Error).message, from }
  }
}

/** iptables-save is the legacy tool there: the second dump would show the same rules again. */
function withoutSecondDump(facts: HostSnapshot['facts']): HostSnapshot['facts'] {
  const { iptables, iptablesLegacy } = facts
  if (!iptables.known || iptables.value.variant !== 'legacy' || !iptablesLegacy.known) return facts
  const value = { variant: 'legacy', chains: [], rules: [] } as const
  return { ...facts, iptablesLegacy: { ...iptablesLegacy, value } }
}

/** Why a fact has no section: its host gave nothing, or the state was recorded without it. */
function notCollected(
  { isRecent }: FactCollector,
  problem: RunnerError | undefined,
): { readonly why: Absence; readonly detail: string } {
  if (problem !== undefined) {
    return {
      why: problem.problem === 'not-permitted' ? 'not-permitted' : 'unreachable',
      detail: problem.message,
    }
  }
  if (isRecent !== true) return { why: 'missing', detail: 'this section was not collected' }
  return { why: 'not-applicable', detail: 'not recorded by the version that made this state' }
}

/** The command that prints what stands in the section: with `-j` where the tool answered in JSON. */
function commandOf(command: string, section: Section | undefined): string {
  const isJson = /^\s*[[{]/.test(section?.stdout.slice(0, 20) ?? '')
  return isJson ? command.replace(/^(ip|bridge|nft) (?!-j)/, '$1 -j ') : command
}

/** One fact of a host, known or absent, with what its command printed. */
function factOf(
  collector: FactCollector,
  host: HostName,
  { sections, problem }: Pick<Collected, 'sections' | 'problem'>,
): Fact<unknown> {
  const section = sections.find(({ name }) => name === collector.fact)
  const command = commandOf(section?.command ?? collector.command, section)
  const from = { host, section: collector.fact, command }
  if (section === undefined) return { known: false, ...notCollected(collector, problem), from }
  return { ...parseSection(collector, section, from), raw: () => section.stdout }
}

/** A host with the facts of plugins beside ours. */
export function withFacts(
  snapshot: HostSnapshot,
  collected: Pick<Collected, 'sections' | 'problem'>,
  collectors: readonly FactCollector[],
): HostSnapshot {
  if (collectors.length === 0) return snapshot
  const facts = collectors.map((one) => [one.fact, factOf(one, snapshot.host, collected)] as const)
  return { ...snapshot, facts: { ...snapshot.facts, ...Object.fromEntries(facts) } }
}

/** What is known of a host from its raw sections. Never throws: what cannot be read is absent with the reason. */
export function factsFromSections(
  host: { readonly name: HostName; readonly via: string },
  sections: readonly Section[],
  problem?: RunnerError,
): HostSnapshot {
  const collected = { sections, ...present({ problem }) }
  const entries = FACT_COLLECTORS.map((one) => [one.fact, factOf(one, host.name, collected)] as const)
  const facts = withoutSecondDump(Object.fromEntries(entries) as unknown as HostSnapshot['facts'])
  const unreachable = problem !== undefined && sections.length === 0 ? { unreachable: problem.message } : {}
  return { host: host.name, via: host.via, facts, ...unreachable }
}
