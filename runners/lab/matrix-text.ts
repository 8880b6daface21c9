/** The fault matrix as a table for people and as Markdown for the README. */
import { type FaultRow, isAsExpected, type Matrix } from './matrix-result.ts'

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`
}

/** The numbers of a matrix in one sentence each. */
function summary({ backend, flanneld, faults, healthy, pairs }: Matrix): readonly string[] {
  const count = faults.length
  const detected = faults.filter((row) => row.detected).length
  const first = faults.filter((row) => row.rankedFirst).length
  const wrong = faults.reduce((sum, row) => sum + row.falseFindings.length, 0)
  const seconds = faults.reduce((sum, row) => sum + row.seconds, 0)
  const clean = healthy.filter(({ findings }) => findings.length === 0).length
  const both = (pairs ?? []).filter(({ bothFirst }) => bothFirst).length
  return [
    `${backend}, flanneld ${flanneld}: ${count} faults, ${detected} detected, ${first} ranked first (${percent(first, count)}), ${wrong} false findings, ${seconds.toFixed(0)} s`,
    ...(healthy.length > 0 ? [`${clean} of ${healthy.length} healthy configurations without a finding`] : []),
    ...(pairs
      ? [`${both} of ${pairs.length} pairs with both causes first (${percent(both, pairs.length)})`]
      : []),
  ]
}

function remarks(row: FaultRow): string {
  const besides = row.falseFindings.length === 0 ? [] : [`besides ${row.falseFindings.join(', ')}`]
  const notFirst = row.rankedFirst ? [] : [`expected ${row.expected}`]
  return [...notFirst, ...besides, ...(row.note === undefined ? [] : [row.note])].join('; ')
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
    isAsExpected(row) ? 'ok' : 'FAIL',
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

/** The matrix as a section of a Markdown document. */
export function matrixMarkdown(matrix: Matrix): string {
  const lines = matrix.faults.map(
    (row) =>
      `| ${row.fault} | ${row.first === null ? '-' : `\`${row.first}\``} | ${row.detected ? 'yes' : '**no**'} | ${row.rankedFirst ? 'yes' : '**no**'} | ${row.falseFindings.join(', ')} | ${row.seconds.toFixed(1)} |`,
  )
  return [
    `### ${matrix.backend}`,
    '',
    ...summary(matrix).map((line) => `* ${line}`),
    '',
    '| fault | ranked first | detected | right | false findings | seconds |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n')
}
