/** The fault matrix as a table for people and as Markdown for the README. */
import { type FaultRow, isAsExpected, type Matrix } from './matrix-result.ts'
import { isTraceRight, type TraceSummary, traceWords } from './matrix-trace-result.ts'

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`
}

function traceSentence({ faults, losing, rightStage, rightCause, delivered }: TraceSummary): string {
  const stages = `stage right ${rightStage} (${percent(rightStage, losing)})`
  const causes = `first cause right ${rightCause} (${percent(rightCause, losing)})`
  return `trace: ${losing} of ${faults} faults lose pings: ${stages}, ${causes}; ${delivered} of ${faults - losing} others delivered`
}

/** The numbers of a matrix in one sentence each. */
function summary({ backend, flanneld, faults, healthy, pairs, trace }: Matrix): readonly string[] {
  const count = faults.length
  const detected = faults.filter((row) => row.detected).length
  const first = faults.filter((row) => row.rankedFirst).length
  const wrong = faults.reduce((sum, row) => sum + row.falseFindings.length, 0)
  const seconds = faults.reduce((sum, row) => sum + row.seconds, 0)
  const clean = healthy.filter(({ findings }) => findings.length === 0).length
  const both = (pairs ?? []).filter(({ bothFirst }) => bothFirst).length
  return [
    `${backend}, flanneld ${flanneld}: ${count} faults, ${detected} detected, ${first} ranked first (${percent(first, count)}), ${wrong} false findings, ${seconds.toFixed(0)} s`,
    ...(trace ? [traceSentence(trace)] : []),
    ...(healthy.length > 0 ? [`${clean} of ${healthy.length} healthy configurations without a finding`] : []),
    ...(pairs
      ? [`${both} of ${pairs.length} pairs with both causes first (${percent(both, pairs.length)})`]
      : []),
  ]
}

function remarks(row: FaultRow): string {
  const besides = row.falseFindings.length === 0 ? [] : [`besides ${row.falseFindings.join(', ')}`]
  const notFirst = row.rankedFirst ? [] : [`expected ${row.expected}`]
  const trace = row.trace === undefined ? [] : [`trace: ${traceWords(row.trace)}`]
  return [...notFirst, ...besides, ...(row.note === undefined ? [] : [row.note]), ...trace].join('; ')
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** The matrix as text: a table of what is not as it must be is at its end. */
export function matrixText(matrix: Matrix): string {
  const rows = matrix.faults.map((row) => [
    isAsExpected(row) && (row.trace === undefined || isTraceRight(row.trace)) ? 'ok' : 'FAIL',
    row.fault,
    row.first ?? 'nothing found',
    `${row.seconds.toFixed(1)} s`,
    remarks(row),
  ])
  const pairs = (matrix.pairs ?? []).map((row) => [
    row.bothFirst ? 'ok' : 'FAIL',
    row.faults.join(' + '),
    row.firstTwo.join(', '),
    `${row.seconds.toFixed(1)} s`,
  ])
  const healthy = matrix.healthy.map((row) => [
    row.findings.length === 0 ? 'ok' : 'FAIL',
    `healthy: ${row.variant}`,
    row.findings.join(', '),
  ])
  const tables = [rows, pairs, healthy]
    .filter(({ length }) => length > 0)
    .map((part) => table(part).join('\n'))
  return `${[...tables, summary(matrix).join('\n')].join('\n\n')}\n`
}

function markdownRow(row: FaultRow, isTraced: boolean): string {
  const yes = (is: boolean): string => (is ? 'yes' : '**no**')
  const trace = row.trace && `${isTraceRight(row.trace) ? '' : '**wrong** '}${traceWords(row.trace)}`
  const cells = [
    row.fault,
    row.first === null ? '-' : `\`${row.first}\``,
    yes(row.detected),
    yes(row.rankedFirst),
    row.falseFindings.join(', '),
    row.seconds.toFixed(1),
    ...(isTraced ? [(trace ?? '-').replaceAll('|', '\\|')] : []),
  ]
  return `| ${cells.join(' | ')} |`
}

/** The matrix as a section of a Markdown document; with a column of what `trace` says where it was asked. */
export function matrixMarkdown(matrix: Matrix): string {
  const isTraced = matrix.trace !== undefined
  return [
    `### ${matrix.backend}`,
    '',
    ...summary(matrix).map((line) => `* ${line}`),
    '',
    `| fault | ranked first | detected | right | false findings | seconds |${isTraced ? ' trace |' : ''}`,
    `|---|---|---|---|---|---|${isTraced ? '---|' : ''}`,
    ...matrix.faults.map((row) => markdownRow(row, isTraced)),
    '',
  ].join('\n')
}
