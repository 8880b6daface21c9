/** What `lab matrix --trace` says: which ways a fault loses, and whether stage and cause were named right. */
import type { Backend } from '../../../checks/model/network-config.ts'
import type { Fault, FaultStage, FaultStages } from '../../../fixtures/fault.ts'
import { causesOf } from '../faults/fault-causes.ts'

/** One followed ping. */
export interface TracedWay {
  /** `out`: the victim's container pings the peer's; `in`: the other way. */
  readonly way: 'out' | 'in'
  /** Bytes of the IPv4 packet. */
  readonly size: number
  /** Real pings of that size came back. */
  readonly answered: boolean
  /** How the trace ends: `delivered`, or the drop. */
  readonly ends: string
  /** `h2 forward-in`: hosts and stages of which the trace says that one lost it. */
  readonly at: readonly string[]
  readonly agreement: string
  readonly says: string
  /** Code of the first cause of the report with the trace. */
  readonly first: string | null
  readonly dropReason?: string
  readonly rule?: string
}

/** `trace` of a fault in the matrix. */
export interface TraceRow {
  /** A way is lost, by real pings or because another answers in the container's place. */
  readonly lost: boolean
  /** Stages that the traces name, by way; null for one that arrives. */
  readonly stage: Readonly<Record<'out' | 'in', string | null>>
  readonly expectedStage: Readonly<Record<'out' | 'in', string | null>>
  /** Of every way: lost at the expected stage and nowhere else, or delivered. */
  readonly rightStage: boolean
  /** Code of the first cause, of a way that is lost where one is. */
  readonly first: string | null
  /** The expected cause is first in the trace of every way that is lost. */
  readonly rightCause: boolean
  readonly dropReason?: string
  readonly rule?: string
  readonly ways: readonly TracedWay[]
  readonly seconds: number
}

/** The numbers of all rows. */
export interface TraceSummary {
  readonly faults: number
  readonly losing: number
  readonly rightStage: number
  readonly rightCause: number
  /** Of the faults that lose nothing those whose traces say delivered. */
  readonly delivered: number
}

function stagesOf({ expect: { stage } }: Fault, backend: Backend): FaultStages {
  return stage?.[backend] ?? stage ?? {}
}

function listed(stages: FaultStage | readonly FaultStage[] | undefined): readonly string[] {
  if (stages === undefined) return []
  return typeof stages === 'string' ? [stages] : stages
}

/** The one stage a trace names; several where it cannot tell. */
function stageOf({ ends, at }: TracedWay): string | null {
  if (ends === 'delivered') return null
  return [...new Set(at.map((place) => place.split(' ').at(-1)))].join(' or ') || 'nowhere'
}

function isRightStage(way: TracedWay, expected: readonly string[]): boolean {
  const named = stageOf(way)
  if (expected.length === 0) return way.answered && named === null
  return named !== null && expected.includes(named)
}

function namedBy(ways: readonly TracedWay[], side: 'out' | 'in'): string | null {
  const way = ways.find((one) => one.way === side)
  return way === undefined ? null : stageOf(way)
}

/** Traces of both ways beside what the fault declares. */
export function compareTraces(
  fault: Fault,
  backend: Backend,
  ways: readonly TracedWay[],
): Omit<TraceRow, 'seconds'> {
  const stages = stagesOf(fault, backend)
  const expected = (way: 'out' | 'in'): readonly string[] => listed(stages[way])
  const lost = ways.filter((way) => !way.answered || expected(way.way).length > 0)
  const told = lost.find(({ dropReason }) => dropReason !== undefined) ?? lost[0]
  const wanted = (side: 'out' | 'in'): string | null => expected(side).join(' or ') || null
  return {
    lost: lost.length > 0,
    stage: { out: namedBy(ways, 'out'), in: namedBy(ways, 'in') },
    expectedStage: { out: wanted('out'), in: wanted('in') },
    rightStage: ways.every((way) => isRightStage(way, expected(way.way))),
    first: (lost[0] ?? ways[0])?.first ?? null,
    rightCause: lost.every(({ first }) => first !== null && causesOf(fault).includes(first)),
    ...(told?.dropReason !== undefined && { dropReason: told.dropReason }),
    ...(told?.rule !== undefined && { rule: told.rule }),
    ways,
  }
}

/** True when stage and cause are right. */
export function isTraceRight({ rightStage, rightCause }: TraceRow): boolean {
  return rightStage && rightCause
}

function wayWords({ stage, expectedStage }: TraceRow, way: 'out' | 'in'): string {
  const [named, expected] = [stage[way], expectedStage[way]]
  const isExpected = named === expected || (named !== null && expected?.split(' or ').includes(named))
  return `${way} ${named ?? 'arrives'}${isExpected ? '' : `, expected ${expected ?? 'to arrive'}`}`
}

/** `delivered`, or the stages by way, and the cause where another was expected. */
export function traceWords(row: TraceRow): string {
  const size = Math.max(...row.ways.filter(({ answered }) => !answered).map((way) => way.size), 0)
  return [
    ...(row.lost || !row.rightStage ? [wayWords(row, 'out'), wayWords(row, 'in')] : ['delivered']),
    ...(size > 84 ? [`${size} bytes`] : []),
    ...(row.rightCause ? [] : [`cause ${row.first ?? 'none'}`]),
    ...(row.dropReason === undefined ? [] : [row.dropReason]),
    ...(row.rule === undefined ? [] : [row.rule]),
  ].join('; ')
}

/** Counts the rows that were traced; undefined when none was. */
export function traceSummary(rows: readonly { readonly trace?: TraceRow }[]): TraceSummary | undefined {
  const traced = rows.flatMap(({ trace }) => (trace === undefined ? [] : [trace]))
  if (traced.length === 0) return undefined
  const losing = traced.filter(({ lost }) => lost)
  return {
    faults: traced.length,
    losing: losing.length,
    rightStage: losing.filter(({ rightStage }) => rightStage).length,
    rightCause: losing.filter(({ rightCause }) => rightCause).length,
    delivered: traced.filter(({ lost, rightStage }) => !lost && rightStage).length,
  }
}
