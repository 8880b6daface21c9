/**
 * The report for a terminal: verdict first, then each cause with its proof, its symptoms
 * and what to do, then what could not be judged, then the count that must balance.
 */
import { certificateText } from './certificate-text.ts'
import { type Canvas, row, style, wrap } from './layout.ts'
import { printable } from './printable.ts'
import type { FindingRef, Report, ReportCause, Reporter, ReportResult } from './report.ts'
import { plural, subjectText } from './subject-text.ts'
import { traceHeadline, traceLines } from './trace-text.ts'
import { networkText, SEVERITY_PAINT, VERDICT_WORDS } from './verdict-words.ts'

/** Symptoms of one cause that are printed one by one; the rest is counted. */
const SYMPTOMS_SHOWN = 8
/** Reasons for an undecided check that are printed one by one. */
const REASONS_SHOWN = 12
/** Checks named for one reason. */
const NAMES_SHOWN = 4

/** Characters of a line that a host's words may be part of. */
const LONGEST_LINE = 1000

function headline(report: Report, canvas: Canvas): string {
  const seconds = `${(report.run.durationMs / 1000).toFixed(1)} s`
  const checked = `${networkText(report)}, ${plural(report.hosts.length, 'host')} checked in ${seconds}`
  const line = [checked, ...report.scope.says].join('; ')
  const { title, paint } = VERDICT_WORDS[report.verdict]
  return `${style(title, paint, canvas.color)}  ${printable(line, LONGEST_LINE)}`
}

/** What would give a better verdict, and for a machine without flannel what to pass. */
function adviceLines({ advice }: Report, canvas: Canvas): string[] {
  return advice.flatMap((line, index) => row(index === 0 ? 'next' : '', line, canvas))
}

function symptomLines(symptoms: readonly FindingRef[], canvas: Canvas): string[] {
  if (symptoms.length === 0) return []
  const shown = symptoms
    .slice(0, SYMPTOMS_SHOWN)
    .map(({ code, subject }) => `${code}  ${subjectText(subject)}`)
  const rest = symptoms.length - shown.length
  const all = rest > 0 ? [...shown, `and ${plural(rest, 'more symptom')}`] : shown
  return all.flatMap((line, index) => row(index === 0 ? 'explains' : '', line, canvas))
}

/** A command is never broken over lines: it is there to be copied. */
function fixLines({ fixes }: ReportCause, canvas: Canvas): string[] {
  const unbroken = { ...canvas, width: Number.POSITIVE_INFINITY }
  return fixes.flatMap(({ host, typed, effect }, index) => [
    ...row(index === 0 ? 'paste' : '', `# ${host === '' ? 'etcd' : host}: ${effect}`, canvas),
    ...row('', typed, unbroken),
  ])
}

function causeLines(cause: ReportCause, canvas: Canvas): string[] {
  const title = `${cause.rank}. ${printable(cause.message, 1000)}`
  const [first = '', ...more] = wrap(title, canvas.width)
  const code = `${cause.code}  ${subjectText(cause.subject)}  (${cause.severity})`
  return [
    style(first, SEVERITY_PAINT[cause.severity], canvas.color),
    ...more.map((line) => style(`   ${line}`, SEVERITY_PAINT[cause.severity], canvas.color)),
    ...row('code', code, canvas),
    ...(cause.expected === undefined ? [] : row('expected', cause.expected, canvas)),
    ...(cause.observed === undefined ? [] : row('found', cause.observed, canvas)),
    ...cause.evidence
      .slice(0, 3)
      .flatMap(({ typed, excerpt }) => row('proof', `${typed}: ${excerpt}`, canvas)),
    ...symptomLines(cause.explains, canvas),
    ...row('fix', cause.remedy, canvas),
    ...fixLines(cause, canvas),
    '',
  ]
}

/** Findings that are worth knowing and no fault: one line each. */
function noteLines({ causes }: Report, canvas: Canvas): string[] {
  const notes = causes.filter(({ severity }) => severity === 'info')
  return notes.flatMap(({ message, code }, index) =>
    row(index === 0 ? 'note' : '', `${printable(message, 1000)} (${code})`, canvas),
  )
}

/** The first few of many names, and how many more there are. */
function someNames(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN
  return rest > 1 ? `${names.slice(0, NAMES_SHOWN).join(', ')} and ${rest} more checks` : names.join(', ')
}

function undecidedLines(report: Report, canvas: Canvas): string[] {
  const hosts = report.hosts.flatMap(({ name, problem }) =>
    problem === undefined ? [] : [`${name}: ${problem}`],
  )
  const reasons = report.results
    .filter(({ outcome }) => outcome === 'inconclusive' || outcome === 'error')
    .filter(({ host }) => !report.hosts.some(({ name, problem }) => name === host && problem !== undefined))
  const grouped = new Map<string, ReportResult[]>()
  for (const result of reasons) {
    const key = `${result.host === undefined ? '' : `${result.host}: `}${result.reason ?? 'no reason given'}`
    grouped.set(key, [...(grouped.get(key) ?? []), result])
  }
  const known = new Set(report.datastoreProblems)
  const lines = [...grouped]
    .filter(
      ([, results]) =>
        !results.every(({ reason }) => [...known].some((problem) => reason?.includes(problem))),
    )
    .map(([reason, results]) => `${reason}  (${someNames(results.map(({ check }) => check))})`)
  const all = [...report.datastoreProblems, ...hosts, ...lines]
  const shown = all.slice(0, REASONS_SHOWN)
  if (all.length > shown.length) shown.push(`and ${all.length - shown.length} more`)
  return shown.flatMap((line, index) => row(index === 0 ? 'undecided' : '', line, canvas))
}

function countLine(report: Report, canvas: Canvas): string[] {
  const count = (outcome: string): number =>
    report.results.filter((result) => result.outcome === outcome).length
  const parts = [
    `${count('pass')} passed`,
    `${count('fail')} failed`,
    `${count('inconclusive')} undecided`,
    `${count('not-applicable')} not applicable`,
    `${count('error')} errors`,
  ]
  const checks = new Set(report.results.map(({ check }) => check)).size
  return row(
    'checked',
    `${plural(checks, 'check')} on ${plural(report.hosts.length, 'host')}: ${parts.join(', ')}`,
    canvas,
  )
}

/** How much of the mesh was probed. */
function probedLines({ observations }: Report, canvas: Canvas): string[] {
  const pings = observations.filter(({ kind }) => kind === 'ping').length
  return observations.flatMap((seen) => {
    if (seen.kind !== 'probe-plan') return []
    const chosen = seen.sampledBy === undefined ? '' : `: ${seen.sampledBy}`
    const left = seen.leftOut.length === 0 ? '' : `; ${plural(seen.leftOut.length, 'end')} left out`
    const counts = `${plural(pings, 'path')} between ${seen.pairs} of ${plural(seen.ofPairs, 'ordered pair')} of hosts`
    return row('probed', `${counts}${chosen}${left}`, canvas)
  })
}

/** Checks that need a flag, one line per flag. */
function notRunLines({ notSelected }: Report, canvas: Canvas): string[] {
  return [...new Set(notSelected.map(({ flag }) => flag))].flatMap((flag) => {
    const checks = notSelected.filter((each) => each.flag === flag).map(({ check }) => check)
    return row('not run', `${checks.join(', ')}: needs ${flag}`, canvas)
  })
}

/** Renders the report as plain or coloured text. */
export const text: Reporter = (report, canvas) => {
  if (report.certificate !== undefined) return certificateText(report, canvas)
  const { recorded, interrupted } = report.run
  const lines = [
    ...traceHeadline(report, canvas),
    headline(report, canvas),
    ...(recorded
      ? row('replay', `of ${recorded.from}, recorded ${recorded.at}; no host was touched`, canvas)
      : []),
    ...(interrupted ? row('stopped', `${interrupted}; the report is partial`, canvas) : []),
    '',
    ...adviceLines(report, canvas),
    ...traceLines(report, canvas),
    ...report.causes
      .filter(({ severity }) => severity !== 'info')
      .flatMap((cause) => causeLines(cause, canvas)),
    ...noteLines(report, canvas),
    ...undecidedLines(report, canvas),
    ...((report.verdict === 'broken' || report.verdict === 'at-risk') && report.ruledOut.length > 0
      ? row('clean', report.ruledOut.join(', '), canvas)
      : []),
    ...countLine(report, canvas),
    ...probedLines(report, canvas),
    ...notRunLines(report, canvas),
  ]
  return `${lines.join('\n')}\n`
}
