/** What `lab matrix --trace` says: which ways a fault loses, and whether stage and cause were named right. */
import type { Backend } from '../../../checks/model/network-config.ts'
import type { Fault } from '../../../fixtures/fault.ts'
import { causesOf, listed, stagesOf } from '../../../fixtures/fault-expectation.ts'
import type { TracedWay, TraceRow, TraceSummary } from '../../../reports/matrix/matrix.ts'

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
