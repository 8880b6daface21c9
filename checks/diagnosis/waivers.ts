/**
 * Findings that somebody has accepted for a while. A waived finding is shown and counts no more; neither does what it
 * alone explains, because that is gone with it. What another cause explains as well goes on counting.
 */
import type { Finding } from '../finding.ts'
import type { Cause } from './diagnose.ts'

export interface Waiver {
  readonly code: string
  /** A part that is left out fits everything. */
  readonly subject?: { readonly host?: string; readonly peer?: string; readonly object?: string }
  readonly reason: string
  /** The last day on which it holds, in UTC: `2026-12-31`. */
  readonly until?: string
}

export interface JudgedWaiver extends Waiver {
  readonly state: 'used' | 'unused' | 'expired'
}

export interface Waived {
  /** What counts, ranked anew. */
  readonly causes: readonly Cause[]
  readonly waivedCauses: readonly Cause[]
  /** Waived findings, what they alone explain included. */
  readonly findings: ReadonlyMap<Finding, Waiver>
  readonly waivers: readonly JudgedWaiver[]
}

const DAY_MS = 86_400_000

function isExpired({ until }: Waiver, now: number): boolean {
  return until !== undefined && now >= Date.parse(until) + DAY_MS
}

function fits({ subject = {} }: Waiver, finding: Finding): boolean {
  const { host, peer, object } = finding.subject
  return (
    (subject.host ?? host) === host &&
    (subject.peer ?? peer) === peer &&
    (subject.object ?? object) === object
  )
}

function named(findings: readonly Finding[], waivers: readonly Waiver[]): ReadonlyMap<Finding, Waiver> {
  const byCode = Map.groupBy(waivers, ({ code }) => code)
  return new Map(
    findings.flatMap((finding) => {
      const waiver = byCode.get(finding.code)?.find((each) => fits(each, finding))
      return waiver === undefined ? [] : [[finding, waiver] as const]
    }),
  )
}

/** Applies waivers as of `now`, milliseconds since 1970, to every finding of a run and the causes among them. */
export function applyWaivers(waivers: readonly Waiver[], causes: readonly Cause[], now: number): Waived {
  const findings = new Set(causes.flatMap(({ finding, explains }) => [finding, ...explains]))
  const direct = named(
    [...findings],
    waivers.filter((waiver) => !isExpired(waiver, now)),
  )
  const counted = causes.filter(({ finding }) => !direct.has(finding))
  const waivedCauses = causes.filter(({ finding }) => direct.has(finding))
  const explained = new Set(counted.flatMap(({ explains }) => explains))
  const alone = waivedCauses.flatMap(({ finding, explains }) =>
    explains
      .filter((symptom) => !explained.has(symptom))
      .map((symptom) => [symptom, direct.get(finding) as Waiver] as const),
  )
  const used = new Set(direct.values())
  return {
    causes: waivedCauses.length === 0 ? causes : counted.map((cause, at) => ({ ...cause, rank: at + 1 })),
    waivedCauses,
    findings: new Map([...alone, ...direct]),
    waivers: waivers.map((waiver) => ({
      ...waiver,
      state: isExpired(waiver, now) ? 'expired' : used.has(waiver) ? 'used' : 'unused',
    })),
  }
}
