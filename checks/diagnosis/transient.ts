/**
 * Findings that pass by themselves, as while a lease comes or goes: there in one look and gone in the next. Whoever asks
 * for a second look has them shown and not counted, as if they were waived.
 */
import type { Outcome, Severity, Subject } from '../check.ts'
import { present } from '../model/present.ts'
import type { Waiver } from './waivers.ts'

/** What is said of such a finding. */
export const TRANSIENT = 'transient, gone in a second look'

interface Seen {
  readonly check: string
  readonly host?: string
  readonly outcome: Outcome
  readonly findings: readonly {
    readonly code: string
    readonly severity: Severity
    readonly subject: Pick<Subject, 'host' | 'peer' | 'object'>
  }[]
}

const keyOf = (...parts: readonly (string | undefined)[]): string => JSON.stringify(parts)

/** A waiver for every finding of the first look that the second judged and did not find. */
export function transientWaivers(first: readonly Seen[], second: readonly Seen[]): readonly Waiver[] {
  const judged = new Set(
    second
      .filter(({ outcome }) => outcome !== 'inconclusive' && outcome !== 'error')
      .map(({ check, host }) => keyOf(check, host)),
  )
  // An object may change with every look (a process number): the code and the hosts tell the same trouble.
  const still = new Set(
    second.flatMap(({ findings }) =>
      findings.map(({ code, subject: { host, peer } }) => keyOf(code, host, peer)),
    ),
  )
  return first.flatMap(({ check, host: on, findings }) =>
    findings
      .filter(({ severity }) => severity !== 'info' && judged.has(keyOf(check, on)))
      .filter(({ code, subject: { host, peer } }) => !still.has(keyOf(code, host, peer)))
      .map(({ code, subject: { host, peer, object } }) => ({
        code,
        subject: present({ host, peer, object }),
        reason: TRANSIENT,
      })),
  )
}
