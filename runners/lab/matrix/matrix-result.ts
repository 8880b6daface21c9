/** What the fault matrix says: one row per fault, and how a report becomes a row. */
import type { Fault } from '../../../fixtures/fault.ts'
import type { Report, ReportCause, ReportFinding } from '../../../reports/report.ts'
import { causesOf } from '../faults/fault-causes.ts'
import { isTraceRight, type TraceRow, type TraceSummary } from './matrix-trace-result.ts'

/** One fault of the matrix; the names are those of `lab matrix --format json`. */
export interface FaultRow {
  readonly fault: string
  /** The expected code is among the findings. */
  readonly detected: boolean
  /** It is the first cause. */
  readonly rankedFirst: boolean
  readonly expected: string
  /** Code of the first cause; null when nothing was found. */
  readonly first: string | null
  /** Findings that the fault does not account for, each code once. */
  readonly falseFindings: readonly string[]
  /** From the first step of the injection to the judgement. */
  readonly seconds: number
  readonly note?: string
  /** What `trace` says of it, with `--trace`. */
  readonly trace?: TraceRow
}

/** Two faults at once; `firstTwo` are the codes of the two causes ranked first. */
export interface PairRow {
  readonly faults: readonly [string, string]
  readonly expected: readonly [string, string]
  readonly firstTwo: readonly string[]
  readonly bothFirst: boolean
  readonly seconds: number
}

export interface HealthyRow {
  readonly variant: string
  readonly findings: readonly string[]
}

/** The matrix of one backend, `lab matrix --format json` (plus `pairs`, where asked for). */
export interface Matrix {
  readonly backend: string
  readonly flanneld: string
  readonly faults: readonly FaultRow[]
  readonly healthy: readonly HealthyRow[]
  readonly pairs?: readonly PairRow[]
  /** Of the faults that were traced. */
  readonly trace?: TraceSummary
}

/** Findings that count: warning and above. */
export function seriousFindings(report: Report): readonly ReportFinding[] {
  return report.results.flatMap(({ findings }) => findings).filter(({ severity }) => severity !== 'info')
}

/** A code allowed by `layer/check:code` or `layer/check:*`. */
function allows(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code
}

/** Codes that these causes explain. */
function explainedBy(causes: readonly ReportCause[], codes: readonly string[]): ReadonlySet<string> {
  const expected = causes.filter(({ code }) => codes.includes(code))
  return new Set(expected.flatMap(({ explains }) => explains.map(({ code }) => code)))
}

function falseFindings(fault: Fault, report: Report): readonly string[] {
  const causes = causesOf(fault)
  const allowed = [...causes, ...(fault.expect.also ?? [])]
  const explained = explainedBy(report.causes, causes)
  const codes = new Set(seriousFindings(report).map(({ code }) => code))
  return [...codes].filter(
    (code) => !explained.has(code) && !allowed.some((pattern) => allows(pattern, code)),
  )
}

/** Codes of all findings, and the checks that are undecided. */
function codesSeen(report: Report): ReadonlySet<string> {
  const undecided = report.results.filter(({ outcome }) => outcome === 'inconclusive')
  return new Set([
    ...report.results.flatMap(({ findings }) => findings.map(({ code }) => code)),
    ...undecided.map(({ check }) => check),
  ])
}

/** The row of a fault without its time. */
export function compareFault(fault: Fault, report: Report): Omit<FaultRow, 'seconds'> {
  const causes = causesOf(fault)
  const found = codesSeen(report)
  const first = report.causes[0]?.code ?? causes.find((code) => found.has(code)) ?? null
  const rankedFirst = first !== null && causes.includes(first)
  return {
    fault: fault.id,
    detected: causes.some((code) => found.has(code)),
    rankedFirst,
    expected: rankedFirst ? first : (causes[0] ?? ''),
    first,
    falseFindings: falseFindings(fault, report),
  }
}

/** True when there is nothing to complain about in a row. */
export function isAsExpected(row: Omit<FaultRow, 'seconds'>): boolean {
  return row.detected && row.rankedFirst && row.falseFindings.length === 0
}

/** True when every row of the matrix is as it must be. */
export function isMatrixClean(matrix: Matrix): boolean {
  return (
    matrix.faults.every((row) => isAsExpected(row) && (row.trace === undefined || isTraceRight(row.trace))) &&
    matrix.healthy.every(({ findings }) => findings.length === 0) &&
    (matrix.pairs ?? []).every(({ bothFirst }) => bothFirst)
  )
}
