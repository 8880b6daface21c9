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
    readonly waived?: { readonly reason: string }
  }[]
}

type SeenFinding = Seen['findings'][number]

const keyOf = (...parts: readonly (string | undefined)[]): string => JSON.stringify(parts)

/** The same trouble in two looks; a process that was started anew has another number. */
function troubleOf({ code, subject: { host, peer, object } }: SeenFinding): string {
  return keyOf(code, host, peer, object?.replace(/^(flanneld|process) \d+$/, '$1'))
}

const counts = ({ severity }: SeenFinding): boolean => severity !== 'info'

/** True where a look found what the one before did not, or what did not count there. */
export function isAnythingNew(now: readonly Seen[], before: readonly Seen[]): boolean {
  const lasting = before
    .flatMap(({ findings }) => findings)
    .filter(({ waived }) => waived?.reason !== TRANSIENT)
  const known = new Set(lasting.map(troubleOf))
  return now.some(({ findings }) => findings.some((one) => counts(one) && !known.has(troubleOf(one))))
}

/** The checks that a look has judged, with their hosts. */
function judgedIn(look: readonly Seen[]): ReadonlySet<string> {
  const judged = look.filter(({ outcome }) => outcome !== 'inconclusive' && outcome !== 'error')
  return new Set(judged.map(({ check, host }) => keyOf(check, host)))
}

/** True where the second look judged every check that found something in the first. */
export function settles(first: readonly Seen[], second: readonly Seen[]): boolean {
  const judged = judgedIn(second)
  return first.every(({ check, host, findings }) => !findings.some(counts) || judged.has(keyOf(check, host)))
}

/** A waiver for every finding of the first look that the second judged and did not find. */
export function transientWaivers(first: readonly Seen[], second: readonly Seen[]): readonly Waiver[] {
  const judged = judgedIn(second)
  const still = new Set(second.flatMap(({ findings }) => findings.map(troubleOf)))
  return first.flatMap(({ check, host: on, findings }) =>
    findings
      .filter((one) => counts(one) && judged.has(keyOf(check, on)) && !still.has(troubleOf(one)))
      .map(({ code, subject: { host, peer, object } }) => ({
        code,
        subject: present({ host, peer, object }),
        reason: TRANSIENT,
      })),
  )
}
