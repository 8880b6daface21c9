/** Which codes explain which, over everything that checks declare and the tables of losses add. */
import type { Check, Subject } from '../check.ts'
import type { Finding } from '../finding.ts'
import { edgesOf } from './edges.ts'

/** Who a finding may be about, so that each relation of two subjects holds for some two of them. */
const SUBJECTS: readonly Subject[] = [
  {},
  { host: 'h1' },
  { host: 'h2' },
  { host: 'h1', peer: 'h2' },
  { host: 'h2', peer: 'h1' },
  { peer: 'h1' },
]

function findingsOf(check: Check): Finding[] {
  const kinds = Object.entries(check.findings as Readonly<Record<string, Check['findings'][string]>>)
  return kinds.flatMap(([code, { severity, confidence, explains = [] }]) =>
    SUBJECTS.map((subject): Finding => {
      const unsaid = { effect: 'none', message: '', fix: '', fixes: [], evidence: [] } as const
      return { ...unsaid, code: `${check.id}:${code}`, subject, severity, confidence, explains }
    }),
  )
}

export type CodeGraph = ReadonlyMap<string, ReadonlySet<string>>

/**
 * For each code those that a finding of it explains for some two subjects. Findings whose codes are in no cycle here are
 * in none, whichever hosts they are about; what a check found is left out, so that two rules are taken for the same.
 */
export function codeGraph(checks: readonly Check[]): CodeGraph {
  const findings = checks.flatMap(findingsOf)
  const graph = new Map<string, Set<string>>(findings.map(({ code }) => [code, new Set()]))
  for (const [from, symptoms] of edgesOf(findings).entries()) {
    const explained = graph.get(findings[from]?.code ?? '')
    for (const to of symptoms) explained?.add(findings[to]?.code ?? '')
  }
  return graph
}

/** Every cycle of codes once, as the path that leads back to its start. */
export function codeCycles(graph: CodeGraph): string[][] {
  const done = new Set<string>()
  const cycles: string[][] = []
  const visit = (code: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(code)
    if (seenAt >= 0) cycles.push([...trail.slice(seenAt), code])
    if (seenAt >= 0 || done.has(code)) return
    for (const next of graph.get(code) ?? []) visit(next, [...trail, code])
    done.add(code)
  }
  for (const code of graph.keys()) visit(code, [])
  return cycles
}
