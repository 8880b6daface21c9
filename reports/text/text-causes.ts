/** Causes for a terminal: what is wrong and where, expected and found, proof, symptoms, what to do. */

import type { FindingRef, Report, ReportCause, ReportEvidence, ReportFix } from '../document/report.ts'
import { type Canvas, row, rows, style, wrap } from '../layout/canvas.ts'
import { printable } from '../layout/printable.ts'
import { actsAt } from '../words/acts-at.ts'
import { type CauseGroup, causeGroups, groupRemedy } from '../words/cause-groups.ts'
import { fixPlace } from '../words/fix-place.ts'
import { hostsText, placesText } from '../words/host-names.ts'
import { plural, subjectText } from '../words/subject-text.ts'
import { SEVERITY_PAINT } from '../words/verdict-title.ts'

/** Symptoms of one cause that are printed one by one; more are counted by code. */
const SYMPTOMS_SHOWN = 4
const PROOFS_SHOWN = 3
/** Lines of one proof. */
const PROOF_LINES = 3
/** Different commands of one fix. */
const COMMANDS_SHOWN = 6
/** Notes and groups of causes beyond the first few are counted. */
const GROUPS_SHOWN = 20
const NOTES_SHOWN = 8

function symptomLines(symptoms: readonly FindingRef[], canvas: Canvas): string[] {
  if (symptoms.length <= SYMPTOMS_SHOWN) {
    return rows(
      'explains',
      symptoms.map(({ code, subject }) => `${code}  ${subjectText(subject)}`),
      canvas,
    )
  }
  const codes = [...Map.groupBy(symptoms, ({ code }) => code)]
  const shown = codes.slice(0, SYMPTOMS_SHOWN).map(([code, all]) => {
    const [only] = all
    if (all.length === 1 && only !== undefined) return `${code}  ${subjectText(only.subject)}`
    return `${code}  ${placesText(all.map(({ subject }) => subject))}`
  })
  const rest = codes.slice(SYMPTOMS_SHOWN).reduce((sum, [, all]) => sum + all.length, 0)
  const all = rest > 0 ? [...shown, `and ${plural(rest, 'more symptom')}`] : shown
  return rows('explains', all, canvas)
}

/** Commands of many hosts: where they are the same apart from the words of the runner, once and as typed on the host. */
function commandsOf({ causes }: CauseGroup): readonly (readonly [string, readonly ReportFix[]])[] {
  const fixes = causes.flatMap((cause) => cause.fixes)
  return [...Map.groupBy(fixes, ({ command }) => command)]
}

/** Neither a command nor the comment above it is broken over lines: they are there to be copied. */
function fixLines(group: CauseGroup, canvas: Canvas): string[] {
  const unbroken = { ...canvas, width: Number.POSITIVE_INFINITY }
  const commands = commandsOf(group)
  const shown = commands.slice(0, COMMANDS_SHOWN).flatMap(([command, fixes], index) => {
    const [first] = fixes
    if (first === undefined) return []
    const hosts = [...new Set(fixes.map(({ host }) => host))]
    const where = hosts.length > 1 ? `on each of ${hostsText(hosts)}` : fixPlace(first)
    const label = index === 0 ? 'paste' : ''
    return [
      ...row(label, `# ${where}: ${first.effect}`, unbroken),
      ...row('', hosts.length > 1 ? command : first.typed, unbroken),
    ]
  })
  const rest = commands.length - COMMANDS_SHOWN
  return rest > 0
    ? [...shown, ...row('', `# and ${plural(rest, 'more command')}, in --format json`, canvas)]
    : shown
}

/** What was expected stands above and is not said twice. */
function proofText({ excerpt, derived }: ReportEvidence, { expected, observed }: ReportCause): string {
  const isTold = derived === true && expected !== undefined && excerpt.startsWith(`expected ${expected}; `)
  return isTold ? (observed ?? 'not present') : excerpt
}

/** Each line of a proof is one that the command prints; the command stands above them where they are several. */
function proofLines(cause: ReportCause, canvas: Canvas): string[] {
  const proofs = cause.evidence.slice(0, PROOFS_SHOWN).flatMap((one) => {
    const { typed, derived } = one
    const excerpt = proofText(one, cause)
    const lines = excerpt.split('\n').filter((line) => line.trim() !== '')
    const [first = ''] = lines
    if (lines.length < 2) return [derived ? `${typed}: ${first} (concluded)` : `${typed}: ${first}`]
    const rest = lines.length - PROOF_LINES
    return [
      `${typed}:`,
      ...lines.slice(0, PROOF_LINES),
      ...(rest > 0 ? [`and ${plural(rest, 'more line')}`] : []),
    ]
  })
  return rows('proof', [...new Set(proofs)], canvas)
}

/** The rank is that of the block: groups are counted, not what is in them. */
function titleLines({ first: cause, causes }: CauseGroup, rank: number, canvas: Canvas): string[] {
  const alike = causes.length === 1 ? '' : ` (and ${causes.length - 1} alike)`
  const title = `${rank}. ${printable(cause.message, 1000)}${alike}`
  const paint = SEVERITY_PAINT[cause.severity]
  const [first = '', ...more] = wrap(title, canvas.width - 3)
  return [first, ...more.map((each) => `   ${each}`)].map((line) => style(line, paint, canvas.color))
}

function groupLines(group: CauseGroup, rank: number, { report, canvas }: Drawn): string[] {
  const { first: cause, subjects, causes } = group
  const where = causes.length === 1 ? subjectText(cause.subject) : placesText(subjects)
  const acts = actsAt(cause.code, report.network)
  return [
    ...titleLines(group, rank, canvas),
    ...row('code', `${cause.code}  ${where}  (${cause.severity})`, canvas),
    ...(acts === undefined ? [] : row('acts at', acts, canvas)),
    ...(cause.expected === undefined ? [] : row('expected', cause.expected, canvas)),
    ...(cause.observed === undefined ? [] : row('found', cause.observed, canvas)),
    ...proofLines(cause, canvas),
    ...symptomLines(
      causes.flatMap(({ explains }) => explains),
      canvas,
    ),
    ...row('fix', groupRemedy(group), canvas),
    ...fixLines(group, canvas),
    '',
  ]
}

interface Drawn {
  readonly report: Report
  readonly canvas: Canvas
}

/** Every cause of severity warning or above, the same cause on many hosts as one block. */
export function causeLines(report: Report, canvas: Canvas): string[] {
  const groups = causeGroups(report.causes.filter(({ severity }) => severity !== 'info'))
  const rest = groups.length - GROUPS_SHOWN
  return [
    ...groups.slice(0, GROUPS_SHOWN).flatMap((group, at) => groupLines(group, at + 1, { report, canvas })),
    ...(rest > 0 ? [`${plural(rest, 'more cause')}: --format json or markdown shows all`, ''] : []),
  ]
}

/** Findings that are worth knowing and no fault: one line each. */
export function noteLines({ causes }: Report, canvas: Canvas): string[] {
  const notes = causes.filter(({ severity }) => severity === 'info')
  const codes = [...Map.groupBy(notes, ({ code }) => code)]
  const shown = codes.slice(0, NOTES_SHOWN).flatMap(([code, all]) => {
    const [first] = all
    if (first === undefined) return []
    const where = all.length === 1 ? '' : `; ${placesText(all.map(({ subject }) => subject))}`
    return [`${printable(first.message, 1000)} (${code}${where})`]
  })
  const rest = codes.length - NOTES_SHOWN
  return rows('note', rest > 0 ? [...shown, `and ${plural(rest, 'more note')}`] : shown, canvas)
}
