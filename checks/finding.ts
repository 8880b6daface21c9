/** From a check's draft to a finding: code, severity, wording filled in, evidence attached. */
import type { Check, CheckId, Confidence, Draft, Evidence, Explains, Severity, Subject } from './check.ts'
import type { HostName, Source } from './model/snapshot.ts'
import { proof } from './proof.ts'

/** One fault, found. */
export interface Finding {
  /** `layer/check:adjective`: what users grep, suppress and paste. */
  readonly code: `${CheckId}:${string}`
  readonly severity: Severity
  readonly confidence: Confidence
  readonly subject: Subject
  readonly message: string
  readonly fix: string
  readonly expected?: string
  readonly observed?: string
  readonly evidence: readonly Evidence[]
  readonly explains: readonly Explains[]
}

/** Replaces `{name}`; a name without a value stays visible, so that a test catches it. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string | number | undefined>>,
): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

function subjectOf(draft: Draft, hostOfCheck: HostName | undefined): Subject {
  const host = draft.host ?? hostOfCheck
  return {
    ...(host !== undefined && { host }),
    ...(draft.peer !== undefined && { peer: draft.peer }),
    ...(draft.object !== undefined && { object: draft.object }),
  }
}

/** Turns a draft into a finding. `sources` are those of the declared facts, for evidence. */
export function toFinding(
  check: Check,
  draft: Draft,
  place: { readonly host?: HostName; readonly sources: Readonly<Record<string, Source>> },
): Finding {
  const kind = (check.findings as Readonly<Record<string, Check['findings'][string]>>)[draft.code]
  if (kind === undefined)
    throw new Error(`${check.id} yields the code ${draft.code}, which it does not declare`)
  const subject = subjectOf(draft, place.host)
  const values = { ...subject, expected: draft.expected, observed: draft.observed, ...draft.data }
  return {
    code: `${check.id}:${draft.code}`,
    severity: kind.severity,
    confidence: kind.confidence,
    subject,
    message: fillTemplate(kind.says, values),
    fix: fillTemplate(kind.fix, values),
    ...(draft.expected !== undefined && { expected: draft.expected }),
    ...(draft.observed !== undefined && { observed: draft.observed }),
    evidence: draft.evidence ?? proof(draft, place.sources, check.needs),
    explains: kind.explains ?? [],
  }
}
