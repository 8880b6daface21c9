/** The same cause on many hosts is shown once. */
import type { ReportCause, ReportSubject } from '../document/report.ts'
import { subjectText } from './subject-text.ts'

/** So many of the same code are shown one by one. */
const ONE_BY_ONE = 3

export interface CauseGroup {
  /** The one that is ranked first, shown in full. */
  readonly first: ReportCause
  /** Where it was found, the first among them. */
  readonly subjects: readonly ReportSubject[]
  readonly causes: readonly ReportCause[]
}

/** What to do, which a remedy says of one place alone. */
export function groupRemedy({ first, causes }: CauseGroup): string {
  const place = subjectText(first.subject)
  if (causes.length === 1 || place === '') return first.remedy
  return `for ${place}, and likewise for the other ${causes.length - 1}: ${first.remedy}`
}

/** Causes in their order, those of one code together where there are many of them. */
export function causeGroups(causes: readonly ReportCause[]): readonly CauseGroup[] {
  const codes = Map.groupBy(causes, ({ code, severity }) => `${severity} ${code}`)
  const groups = [...codes.values()].flatMap((alike) =>
    alike.length > ONE_BY_ONE ? [alike] : alike.map((cause) => [cause]),
  )
  return groups
    .flatMap((alike) => {
      const [first] = alike
      return first === undefined
        ? []
        : [{ first, causes: alike, subjects: alike.map(({ subject }) => subject) }]
    })
    .sort((a, b) => a.first.rank - b.first.rank)
}
