/** The fault matrix of one backend: what was done to labs, what was found, and whether that is right. */

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

/** The printed fixes applied, with `--fix`. */
export interface FixRow {
  /** How many there were; without one nothing was done. */
  readonly commands: number
  /** How often a report was followed by its commands: what one mends may show the next fault. */
  readonly rounds: number
  /** Commands that failed, each with what it said. */
  readonly failed: readonly string[]
  /** Codes of what is wrong after them. */
  readonly left: readonly string[]
}

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
  /** What its fixes do, with `--fix`. */
  readonly fix?: FixRow
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

/** True when there is nothing to complain about in a row. */
export function isAsExpected(row: Omit<FaultRow, 'seconds'>): boolean {
  return row.detected && row.rankedFirst && row.falseFindings.length === 0
}

/** True when stage and cause are right. */
export function isTraceRight({ rightStage, rightCause }: TraceRow): boolean {
  return rightStage && rightCause
}

/** True when every row of the matrix is as it must be. */
export function isMatrixClean(matrix: Matrix): boolean {
  return (
    matrix.faults.every((row) => isAsExpected(row) && (row.trace === undefined || isTraceRight(row.trace))) &&
    matrix.healthy.every(({ findings }) => findings.length === 0) &&
    (matrix.pairs ?? []).every(({ bothFirst }) => bothFirst)
  )
}
