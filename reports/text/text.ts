/**
 * The report for a terminal: verdict with its scope first, then each cause with its proof, its symptoms
 * and what to do, then what could not be judged, then the count that must balance.
 */
import { certificateText } from '../certificate/certificate-text.ts'
import type { Report, Reporter } from '../document/report.ts'
import { type Canvas, inert, row, rows, style } from '../layout/canvas.ts'
import { printable } from '../layout/printable.ts'
import { containersText } from '../words/containers-text.ts'
import { hostsText } from '../words/host-names.ts'
import { recordedLines } from '../words/recorded-text.ts'
import { plural } from '../words/subject-text.ts'
import { followedLines, traceHeadline, traceLines } from '../words/trace-text.ts'
import { type Undecided, undecidedOf } from '../words/undecided.ts'
import { networkText, VERDICT_TITLES } from '../words/verdict-title.ts'
import { waivedLines } from '../words/waived-text.ts'
import { causeLines, noteLines } from './text-causes.ts'

/** Reasons for doubt that are printed one by one. */
const REASONS_SHOWN = 10
/** Checks named for one reason. */
const NAMES_SHOWN = 4

/** Characters of a line that a host's words may be part of. */
const LONGEST_LINE = 1000

/** A replay is done in no time, and says when it was recorded. */
function durationText({ run }: Report): string {
  return run.recorded === undefined ? ` in ${(run.durationMs / 1000).toFixed(1)} s` : ''
}

function headline(report: Report, canvas: Canvas): string {
  const checked = `${networkText(report)}, ${plural(report.hosts.length, 'host')} checked${durationText(report)}`
  const line = [checked, ...report.scope.says].join('; ')
  const { title, paint } = VERDICT_TITLES[report.verdict]
  return `${style(title, paint, canvas.color)}  ${printable(line, LONGEST_LINE)}`
}

/** The first few of many names, and how many more there are. */
function someNames(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN
  return rest > 1 ? `${names.slice(0, NAMES_SHOWN).join(', ')} and ${rest} more checks` : names.join(', ')
}

function reasonText({ reason, hosts, checks }: Undecided): string {
  const where = hosts.length === 0 ? '' : `${hostsText(hosts)}: `
  const what = checks.length === 0 ? '' : `  (${someNames(checks)})`
  return `${where}${reason}${what}`
}

function undecidedLines(report: Report, canvas: Canvas): string[] {
  const reasons = undecidedOf({ ...report, run: withoutEnd(report.run) }).map(reasonText)
  const rest = reasons.length - REASONS_SHOWN
  const shown = reasons.slice(0, REASONS_SHOWN)
  return rows('undecided', rest > 0 ? [...shown, `and ${plural(rest, 'more reason')}`] : shown, canvas)
}

function waivedRows(report: Report, canvas: Canvas): string[] {
  const lines = waivedLines(report)
  const rest = lines.length - REASONS_SHOWN
  const shown = lines.slice(0, REASONS_SHOWN)
  return rows('waived', rest > 0 ? [...shown, `and ${rest} more`] : shown, canvas)
}

/** How the run ended has its own line. */
function withoutEnd({ interrupted: _, ...run }: Report['run']): Report['run'] {
  return run
}

function countLine(report: Report, canvas: Canvas): string[] {
  const byOutcome = Map.groupBy(report.results, ({ outcome }) => outcome)
  const count = (outcome: Report['results'][number]['outcome']): number => byOutcome.get(outcome)?.length ?? 0
  const parts = [
    `${count('pass')} passed`,
    `${count('fail')} failed`,
    `${count('inconclusive')} undecided`,
    `${count('not-applicable')} not applicable`,
    plural(count('error'), 'error'),
  ]
  const checks = new Set(report.results.map(({ check }) => check)).size
  return row(
    'checked',
    `${plural(checks, 'check')} on ${plural(report.hosts.length, 'host')}: ${parts.join(', ')}`,
    canvas,
  )
}

function containerLines({ hosts }: Report, canvas: Canvas): string[] {
  const text = containersText(hosts)
  return text === undefined ? [] : row('found', text, canvas)
}

/** How much of the mesh was probed. */
function probedLines({ observations }: Report, canvas: Canvas): string[] {
  const count = (kind: string): number => observations.filter((seen) => seen.kind === kind).length
  const [pings, connections] = [count('ping'), count('connection')]
  return observations.flatMap((seen) => {
    if (seen.kind !== 'probe-plan') return []
    const chosen = seen.sampledBy === undefined ? '' : `: ${seen.sampledBy}`
    const left = seen.leftOut.length === 0 ? '' : `; ${plural(seen.leftOut.length, 'end')} left out`
    const tried = connections === 0 ? '' : ` and ${plural(connections, 'connection')}`
    const counts = `${plural(pings, 'path')}${tried} between ${seen.pairs} of ${plural(seen.ofPairs, 'ordered pair')} of hosts`
    const unseen =
      seen.leases === undefined
        ? ''
        : `, ${seen.leases.pinged} of ${plural(seen.leases.all, 'lease')} of hosts that were not looked at`
    return row('probed', `${counts}${chosen}${unseen}${left}`, canvas)
  })
}

/** Checks that need a flag, one line per flag. */
function notRunLines({ notSelected }: Report, canvas: Canvas): string[] {
  return [...new Set(notSelected.map(({ flag }) => flag))].flatMap((flag) => {
    const checks = notSelected.filter((each) => each.flag === flag).map(({ check }) => check)
    return row('not run', `${someNames(checks)}: needs ${flag}`, canvas)
  })
}

function runLines({ run, network }: Report, canvas: Canvas): string[] {
  const { recorded, interrupted } = run
  return [
    ...rows('replay', recorded === undefined ? [] : recordedLines(recorded), canvas),
    ...(network?.access === undefined ? [] : row('asked', `the Kubernetes API by ${network.access}`, canvas)),
    ...(interrupted ? row('stopped', `${interrupted}; the report is partial`, canvas) : []),
  ]
}

function reportLines(report: Report, canvas: Canvas): string[] {
  const isFaulty = report.verdict === 'broken' || report.verdict === 'at-risk'
  const isProbed = report.observations.length > 0 // then the pings that were followed are among what was found
  return [
    ...(isProbed ? [] : traceHeadline(report, canvas)),
    headline(report, canvas),
    ...runLines(report, canvas),
    '',
    ...rows('next', report.advice, canvas),
    ...(isProbed ? followedLines(report, canvas) : traceLines(report, canvas)),
    ...causeLines(report, canvas),
    ...noteLines(report, canvas),
    ...waivedRows(report, canvas),
    ...undecidedLines(report, canvas),
    ...(isFaulty && report.ruledOut.length > 0 ? row('clean', report.ruledOut.join(', '), canvas) : []),
    ...countLine(report, canvas),
    ...containerLines(report, canvas),
    ...probedLines(report, canvas),
    ...notRunLines(report, canvas),
  ]
}

/** Renders the report, or the certificate where there is one, as plain or coloured text. */
export const text: Reporter = (report, canvas) =>
  report.certificate === undefined
    ? `${reportLines(report, canvas).map(inert).join('\n')}\n`
    : certificateText(report, canvas)
