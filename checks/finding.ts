/** From a check's draft to a finding: code, severity, wording filled in, evidence attached. */
import type {
  Check,
  CheckId,
  Confidence,
  Draft,
  Effect,
  Ends,
  Evidence,
  Explains,
  FindingKind,
  PlacedContainer,
  Severity,
  Subject,
} from './check.ts'
import { fixesOf } from './heal/fixes.ts'
import type { Fix } from './heal-step.ts'
import { isNamed, objectText } from './model/named.ts'
import { present } from './model/present.ts'
import { fillTemplate } from './model/shell-words.ts'
import type { ClusterSnapshot, HostName, Source } from './model/snapshot.ts'
import { proof, verified } from './proof.ts'

/** One fault, found. */
export interface Finding {
  /** `layer/check:adjective`: what users grep, suppress and paste. */
  readonly code: `${CheckId}:${string}`
  readonly severity: Severity
  readonly effect: Effect
  readonly unseenByPings?: true
  readonly hostsKeepFormer?: true
  readonly confidence: Confidence
  readonly subject: Subject
  readonly ends?: Ends
  readonly message: string
  readonly fix: string
  /** The commands that heal it, in the order in which they are typed; empty where no command can. */
  readonly fixes: readonly Fix[]
  readonly expected?: string
  readonly observed?: string
  /** As in the draft. */
  readonly outLinks?: readonly string[]
  readonly ofContainer?: PlacedContainer
  readonly evidence: readonly Evidence[]
  readonly explains: readonly Explains[]
}

function subjectOf(draft: Draft, hostOfCheck: HostName | undefined): Subject {
  const host = draft.host ?? hostOfCheck
  const object = objectText(draft.object)
  return {
    ...present({ host, peer: draft.peer, object }),
    ...(isNamed(draft.object) && draft.object),
  }
}

const EFFECT_OF: Readonly<Record<Severity, Effect>> = { critical: 'loss', warning: 'risk', info: 'none' }

/** What a finding of that code means for packets, where its draft does not say it. */
function effectOf({ effect, severity }: FindingKind): Effect {
  return effect ?? EFFECT_OF[severity]
}

/** Where a draft was made. `sources` are those of the declared facts, for evidence. */
export interface DraftContext {
  readonly host?: HostName
  readonly sources: Readonly<Record<string, Source>>
  /** For commands: how hosts and etcd are reached and what runs there. */
  readonly snapshot: ClusterSnapshot
}

/** The draft's proof, held against what was read; where it brings none, the fact that shows its object. */
function evidenceOf(
  { needs }: Check,
  draft: Draft,
  { sources, snapshot }: DraftContext,
): readonly Evidence[] {
  return draft.evidence === undefined || draft.evidence.length === 0
    ? proof(draft, sources, { snapshot, needs })
    : verified(draft.evidence, snapshot)
}

/** What is told where it is there. */
function optionalParts(
  { unseenByPings, hostsKeepFormer }: FindingKind,
  { expected, observed, outLinks, ends, ofContainer, ...draft }: Draft,
) {
  return {
    ...((unseenByPings ?? draft.unseenByPings) && { unseenByPings: true as const }),
    ...(hostsKeepFormer && { hostsKeepFormer }),
    ...present({ expected, observed, outLinks, ends, ofContainer }),
  }
}

/** A draft and the words of its code; those for pods stand before its own. */
function worded(check: Check, draft: Draft, { datastore }: ClusterSnapshot) {
  const kind = (check.findings as Readonly<Record<string, Check['findings'][string]>>)[draft.code]
  if (kind === undefined)
    throw new Error(`${check.id} yields the code ${draft.code}, which it does not declare`)
  const { withPods } = kind
  const { says, fix, heal = [] } = { ...kind, ...present({ fix: draft.fix, heal: draft.heal }) }
  return { kind, says, fix, heal, ...(datastore.kubernetes.known && withPods) }
}

/** A value as a sentence shows it: in quotes where it begins or ends with a blank, which a reader could not see. */
function blanksShown(value: string | undefined): string | undefined {
  return value !== undefined && /^\s|\s$/.test(value) ? JSON.stringify(value) : value
}

/** Turns a draft into a finding. */
export function toFinding(check: Check, draft: Draft, place: DraftContext): Finding {
  const { kind, says, fix, heal } = worded(check, draft, place.snapshot)
  const subject = subjectOf(draft, place.host)
  const values = {
    ...subject,
    expected: blanksShown(draft.expected),
    observed: blanksShown(draft.observed),
    ...draft.data,
  }
  return {
    code: `${check.id}:${draft.code}`,
    severity: kind.severity,
    effect: draft.effect ?? effectOf(kind),
    confidence: kind.confidence,
    subject,
    message: fillTemplate(says, values),
    fix: fillTemplate(fix, values),
    fixes: draft.fixes ?? fixesOf(heal, { subject, values, snapshot: place.snapshot }),
    ...optionalParts(kind, draft),
    evidence: evidenceOf(check, draft, place),
    explains: kind.explains ?? [],
  }
}
