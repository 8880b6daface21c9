/** The fault matrix as a table for people and as a page of Markdown. */

import { markdown, markdownCode, markdownText } from '../layout/markdown-escape.ts'
import { type MarkdownCell, markdownTable } from '../layout/markdown-table.ts'
import { textTable } from '../layout/text-table.ts'
import {
  type FaultRow,
  type FixRow,
  isAsExpected,
  isTraceRight,
  type Matrix,
  type TraceRow,
  type TraceSummary,
} from './matrix.ts'

function stageText({ stage, expectedStage }: TraceRow, way: 'out' | 'in'): string {
  const [named, expected] = [stage[way], expectedStage[way]]
  const isExpected = named === expected || (named !== null && expected?.split(' or ').includes(named))
  return `${way} ${named ?? 'arrives'}${isExpected ? '' : `, expected ${expected ?? 'to arrive'}`}`
}

/** `delivered`, or the stages by way, and the cause where another was expected. */
export function traceCell(row: TraceRow): string {
  const size = Math.max(...row.ways.filter(({ answered }) => !answered).map((way) => way.size), 0)
  return [
    ...(row.lost || !row.rightStage ? [stageText(row, 'out'), stageText(row, 'in')] : ['delivered']),
    ...(size > 84 ? [`${size} bytes`] : []),
    ...(row.rightCause ? [] : [`cause ${row.first ?? 'none'}`]),
    ...(row.dropReason === undefined ? [] : [row.dropReason]),
    ...(row.rule === undefined ? [] : [row.rule]),
  ].join('; ')
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`
}

function traceSentence({ faults, losing, rightStage, rightCause, delivered }: TraceSummary): string {
  const stages = `stage right ${rightStage} (${percent(rightStage, losing)})`
  const causes = `first cause right ${rightCause} (${percent(rightCause, losing)})`
  return `trace: ${losing} of ${faults} faults lose pings: ${stages}, ${causes}; ${delivered} of ${faults - losing} others delivered`
}

const NOTHING_WRONG = 'nothing to heal'

/** `healed`, or what stands against it. */
export function fixCell({ commands, failed, left, rounds }: FixRow): string {
  if (commands === 0) return left.length === 0 ? NOTHING_WRONG : 'no command'
  if (left.length > 0)
    return `left ${left.join(', ')}${failed.length > 0 ? `; failed: ${failed.join('; ')}` : ''}`
  return rounds > 1 ? `healed in ${rounds} rounds` : 'healed'
}

function fixSentence(fixes: readonly FixRow[]): string {
  const wrong = fixes.filter((fix) => fixCell(fix) !== NOTHING_WRONG)
  const healed = wrong.filter(({ commands, left }) => commands > 0 && left.length === 0)
  const once = healed.filter(({ rounds }) => rounds === 1).length
  return `fix: the printed commands heal ${healed.length} of ${wrong.length} (${percent(healed.length, wrong.length)}), ${once} of them with the first report`
}

/** The numbers of a matrix in one sentence each. */
function summary({ backend, flanneld, faults, healthy, pairs, trace }: Matrix): readonly string[] {
  const count = faults.length
  const detected = faults.filter((row) => row.detected).length
  const first = faults.filter((row) => row.rankedFirst).length
  const wrong = faults.reduce((sum, row) => sum + row.falseFindings.length, 0)
  const seconds = faults.reduce((sum, row) => sum + row.seconds, 0)
  const clean = healthy.filter(({ findings }) => findings.length === 0).length
  const fixes = faults.flatMap(({ fix }) => fix ?? [])
  const both = (pairs ?? []).filter(({ bothFirst }) => bothFirst).length
  return [
    `${backend}, flanneld ${flanneld}: ${count} faults, ${detected} detected, ${first} ranked first (${percent(first, count)}), ${wrong} false findings, ${seconds.toFixed(0)} s`,
    ...(trace ? [traceSentence(trace)] : []),
    ...(fixes.length > 0 ? [fixSentence(fixes)] : []),
    ...(healthy.length > 0 ? [`${clean} of ${healthy.length} healthy configurations without a finding`] : []),
    ...(pairs
      ? [`${both} of ${pairs.length} pairs with both causes first (${percent(both, pairs.length)})`]
      : []),
  ]
}

function remarks(row: FaultRow): string {
  const besides = row.falseFindings.length === 0 ? [] : [`besides ${row.falseFindings.join(', ')}`]
  const notFirst = row.rankedFirst ? [] : [`expected ${row.expected}`]
  const trace = row.trace === undefined ? [] : [`trace: ${traceCell(row.trace)}`]
  const fix = row.fix === undefined ? [] : [`fix: ${fixCell(row.fix)}`]
  return [...notFirst, ...besides, ...(row.note === undefined ? [] : [row.note]), ...trace, ...fix].join('; ')
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
    .map((part) => textTable(part).join('\n'))
  return `${[...tables, summary(matrix).join('\n')].join('\n\n')}\n`
}

const yes = (is: boolean): MarkdownCell => (is ? 'yes' : { markdown: '**no**' })

function markdownRow(row: FaultRow): readonly MarkdownCell[] {
  const trace = row.trace && traceCell(row.trace)
  return [
    row.fault,
    row.first === null ? '-' : markdownCode(row.first),
    yes(row.detected),
    yes(row.rankedFirst),
    row.falseFindings.join(', '),
    row.seconds.toFixed(1),
    row.trace && !isTraceRight(row.trace) ? markdown`**wrong** ${trace ?? ''}` : (trace ?? '-'),
  ]
}

const COLUMNS = ['fault', 'ranked first', 'detected', 'right', 'false findings', 'seconds', 'trace'] as const

function section(matrix: Matrix): readonly string[] {
  // Without a trace its column would say nothing.
  const columns = matrix.trace === undefined ? COLUMNS.slice(0, -1) : COLUMNS
  return [
    `## ${matrix.backend}`,
    '',
    ...summary(matrix).map((line) => `* ${markdownText(line).markdown}`),
    '',
    ...markdownTable(columns, matrix.faults.map(markdownRow)),
    '',
  ]
}

/** The matrices as a page; with a column of what `trace` says where it was asked. */
export function matrixMarkdown(matrices: readonly Matrix[]): string {
  return [
    '# The fault matrix',
    '',
    'Written by `flannel-doctor lab matrix --format markdown=FILE`: what `check` ranks first while each fault lasts in a',
    'lab of real flanneld. *False findings* are those of severity warning and above that the fault does not account for.',
    '*trace* is where the pings end by way, the size where only full packets are lost, and the reason of the kernel or the rule.',
    '',
    ...matrices.flatMap(section),
  ].join('\n')
}
