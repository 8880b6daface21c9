/** Which clauses each flannel version keeps, as a table for people and as a page of Markdown. */
import type { Clause } from '../../checks/clauses/clause.ts'
import type { JudgedClause } from '../../checks/clauses/judge-static.ts'
import type { Backend } from '../../checks/model/network-config.ts'
import { markdown, markdownText } from '../layout/markdown-escape.ts'
import { type MarkdownCell, markdownTable } from '../layout/markdown-table.ts'
import { textTable } from '../layout/text-table.ts'

/** What one clause came to in one lab, and what was seen of it. */
export type VersionClause = Pick<JudgedClause, 'clause' | 'status' | 'reason'>

/** One version on one backend. */
export interface VersionRun {
  readonly version: string
  readonly backend: Backend
  /** From the first step of the lab to the last clause. */
  readonly seconds: number
  readonly clauses: readonly VersionClause[]
  /** Why the version could not be run, or not to the last action; clauses are then missing or not tested. */
  readonly problem?: string
}

type Status = VersionClause['status']

const WORDS: Readonly<Record<Status, string>> = {
  met: 'met',
  'not-met': 'not met',
  undecided: 'undecided',
  'not-tested': 'not tested',
  outside: '–',
}

const ORDER: readonly Status[] = ['met', 'not-met', 'undecided', 'not-tested', 'outside']

const count = (run: VersionRun, status: Status): number =>
  run.clauses.filter((each) => each.status === status).length

/** True when every clause that is of the version and backend was decided and is met. */
export function isKept(run: VersionRun): boolean {
  return run.problem === undefined && count(run, 'not-met') === 0 && count(run, 'undecided') === 0
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)]
}

/** One cell: a status alone where all backends agree, else each status with its backends. */
function cell(runs: readonly VersionRun[], clause: Clause): string {
  const found = runs.flatMap(({ backend, clauses }) => {
    const status = clauses.find((each) => each.clause.id === clause.id)?.status
    return status === undefined ? [] : [{ backend, status }]
  })
  const applying = found.filter(({ status }) => status !== 'outside')
  const statuses = unique(applying.map(({ status }) => status))
  const [only] = statuses
  if (only === undefined) return found.length === 0 ? 'not run' : WORDS.outside
  if (statuses.length === 1) return WORDS[only]
  return ORDER.filter((status) => statuses.includes(status))
    .map((status) => {
      const backends = applying.filter((each) => each.status === status).map(({ backend }) => backend)
      return `${backends.join(', ')}: ${WORDS[status]}`
    })
    .join('; ')
}

/** Versions in the order in which they were run, with their runs. */
function byVersion(runs: readonly VersionRun[]): ReadonlyMap<string, readonly VersionRun[]> {
  return Map.groupBy(runs, ({ version }) => version)
}

/** Every clause that any run names, each once, in the order of the first run that has it. */
function clausesOf(runs: readonly VersionRun[]): readonly Clause[] {
  const all = runs.flatMap(({ clauses }) => clauses.map(({ clause }) => clause))
  return [...new Map(all.map((clause) => [clause.id, clause])).values()]
}

function range({ since, until }: Clause): string {
  if (since === undefined && until === undefined) return 'all'
  if (since === undefined) return `before ${until}`
  return until === undefined ? `${since} and later` : `${since} until ${until}`
}

const HEAD = ['flanneld', 'backend', 'met', 'not met', 'undecided', 'not tested', 'not for it', 'seconds']

function numbers(run: VersionRun): readonly string[] {
  const counts = ORDER.map((status) => String(count(run, status)))
  return [run.version, run.backend, ...counts, run.seconds.toFixed(0)]
}

function remarks(run: VersionRun): readonly string[] {
  const where = `${run.version} ${run.backend}`
  const problem = run.problem === undefined ? [] : [`${where}: not run to its end, ${run.problem}`]
  const open = run.clauses
    .filter(({ status }) => status === 'not-met' || status === 'undecided')
    .map(({ clause, status, reason = '' }) => `${where}: ${clause.id} ${WORDS[status]}: ${reason}`)
  return [...problem, ...open]
}

/** The counts of every run, the clauses in which versions differ, and what is not met. */
export function versionsText(runs: readonly VersionRun[]): string {
  const versions = byVersion(runs)
  const rows = clausesOf(runs).map((clause) => [
    clause.id,
    ...[...versions.values()].map((own) => cell(own, clause)),
  ])
  const differing = rows.filter(([, ...cells]) => unique(cells).length > 1)
  const parts = [
    textTable([HEAD, ...runs.map(numbers)]),
    differing.length === 0 ? [] : textTable([['clause', ...versions.keys()], ...differing]),
    runs.flatMap(remarks),
  ]
  return `${parts
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** What is not as it must be stands out. */
const mark = (text: string): MarkdownCell => (/not met|undecided/.test(text) ? markdown`**${text}**` : text)

/** Ids of clauses that every version keeps: in the table they would be one word many times. */
function keptByAll(ids: readonly string[], versions: number): string {
  if (ids.length === 0) return `No clause is met by all ${versions} versions.`
  return `${ids.length} clauses are met by all ${versions} versions: ${ids.join(', ')}.`
}

/** The same as a page: the numbers, what is not met, the clauses on which versions differ, those on which not. */
export function versionsMarkdown(runs: readonly VersionRun[]): string {
  const versions = byVersion(runs)
  const rows = clausesOf(runs).map((clause) => ({
    clause,
    cells: [...versions.values()].map((own) => cell(own, clause)),
  }))
  const kept = rows.filter(({ cells }) => cells.every((text) => text === WORDS.met))
  const others = rows
    .filter((row) => !kept.includes(row))
    .map(({ clause, cells }) => [clause.id, clause.says, range(clause), ...cells.map(mark)])
  const problems = runs.flatMap(remarks).map((line) => `* ${markdownText(line).markdown}`)
  const ids = kept.map(({ clause }) => clause.id)
  const parts = [
    ['# Flannel versions and the clauses they keep'],
    ['Written by `flannel-doctor lab versions --format markdown=FILE`.'],
    markdownTable(HEAD, runs.map(numbers)),
    problems,
    [keptByAll(ids, versions.size)],
    others.length === 0 ? [] : markdownTable(['clause', 'says', 'versions', ...versions.keys()], others),
  ]
  const texts = parts.filter(({ length }) => length > 0).map((lines) => lines.join('\n'))
  return `${texts.join('\n\n')}\n`
}
