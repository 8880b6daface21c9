/**
 * From findings to causes. An edge leads from a finding to each that it would by itself produce; a cause is a finding
 * to which no edge leads. Causes are ranked by the worst severity among the cause and what it explains, then by the
 * number of symptoms that no cause before explains, then by layer. No code explains itself, directly or through
 * others (`explains-graph.test.ts`), so that every finding is a cause or the symptom of one.
 */
import { type Explains, LAYERS, type Severity, type Subject } from '../check.ts'
import type { Finding } from '../finding.ts'
import { explainsLoss } from './dataplane-edges.ts'
import { edgesOf } from './edges.ts'
import { explainsPath } from './path-edges.ts'

export interface Cause {
  readonly finding: Finding
  /** The worst of the cause and of what it explains: a warning that stops traffic is critical. */
  readonly severity: Severity
  /** 1 is the most likely. */
  readonly rank: number
  /** The symptoms it explains, direct and through other symptoms. */
  readonly explains: readonly Finding[]
  /** `confirmed`: packets showed the cause or one of its symptoms; `predicted-only`: it follows from state alone. */
  readonly agreement: 'confirmed' | 'predicted-only'
}

export interface Diagnosis {
  readonly causes: readonly Cause[]
}

const SEVERITY_ORDER = { critical: 0, warning: 1, info: 2 } as const

function codeMatches(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern
}

function involves(host: string | undefined, { host: own, peer }: Subject): boolean {
  return host !== undefined && (host === own || host === peer)
}

function related(cause: Subject, symptom: Subject, when: Explains['when']): boolean {
  switch (when) {
    case 'anywhere':
      return true
    case 'same-host':
      return cause.host === symptom.host
    case 'same-pair':
      return cause.host === symptom.host && cause.peer === symptom.peer
    case 'peer-of':
      return cause.host !== undefined && cause.host === symptom.peer
    case 'involves-host':
      return involves(cause.host, symptom)
    case 'involves-either':
      return involves(cause.host, symptom) || involves(cause.peer, symptom)
  }
}

/** True when `cause` would by itself produce `symptom`. */
export function explains(cause: Finding, symptom: Finding): boolean {
  if (cause === symptom) return false
  if (explainsLoss(cause, symptom) || explainsPath(cause, symptom)) return true
  return cause.explains.some(
    ({ code, when }) => codeMatches(code, symptom.code) && related(cause.subject, symptom.subject, when),
  )
}

function isSeenByPackets({ code }: Finding): boolean {
  return code.startsWith('dataplane/')
}

/** A code of a plugin has a layer of its own, behind ours. */
function layerDepth(finding: Finding): number {
  const depth = LAYERS.findIndex((layer) => finding.code.startsWith(`${layer}/`))
  return depth < 0 ? LAYERS.length : depth
}

/** Every symptom reachable from a finding along `explains`. */
function reach(start: number, edges: readonly (readonly number[])[]): Set<number> {
  const seen = new Set<number>()
  const queue = [start]
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const next of edges[at] ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      queue.push(next)
    }
  }
  return seen
}

/** Indexes of findings that no other finding explains. */
function roots(edges: readonly (readonly number[])[]): number[] {
  const explained = new Set(edges.flat())
  return [...edges.keys()].filter((index) => !explained.has(index))
}

function worst(findings: readonly Finding[]): Severity {
  const [first, ...rest] = findings.map(({ severity }) => severity)
  return rest.reduce((a, b) => (SEVERITY_ORDER[b] < SEVERITY_ORDER[a] ? b : a), first ?? 'info')
}

interface Candidate {
  readonly index: number
  readonly reached: ReadonlySet<number>
  readonly severity: Severity
  /** Told by flanneld's log alone. */
  readonly isHearsay: boolean
  readonly depth: number
  /** How many symptoms it would newly explain; an upper bound once others were taken. */
  fresh: number
}

/** Words of a log may be of a trouble that is over: where they explain nothing seen now they stand before notes alone. */
function isHearsay({ code }: Finding, reached: ReadonlySet<number>): boolean {
  return code.startsWith('daemon/log:') && reached.size === 0
}

const isNote = ({ severity }: Candidate): boolean => severity === 'info'

function inOrder(a: Candidate, b: Candidate): number {
  return (
    Number(isNote(a)) - Number(isNote(b)) ||
    Number(a.isHearsay) - Number(b.isHearsay) ||
    SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
    b.fresh - a.fresh ||
    a.depth - b.depth ||
    a.index - b.index
  )
}

/** Puts a candidate back where it belongs among sorted ones. */
function putBack(candidates: Candidate[], candidate: Candidate): void {
  let [low, high] = [0, candidates.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (inOrder(candidates[middle] as Candidate, candidate) < 0) low = middle + 1
    else high = middle
  }
  candidates.splice(low, 0, candidate)
}

/**
 * Most likely first. What a candidate newly explains only becomes less, so that the first one counts anew and is taken
 * where that changes nothing; else it goes back.
 */
function ranked(candidates: Candidate[]): readonly Candidate[] {
  const covered = new Set<number>()
  const taken: Candidate[] = []
  candidates.sort(inOrder)
  for (let first = candidates.shift(); first !== undefined; first = candidates.shift()) {
    const before = first.fresh
    if (before > 0) first.fresh = [...first.reached].filter((index) => !covered.has(index)).length
    if (first.fresh === before) {
      for (const symptom of first.reached) covered.add(symptom)
      taken.push(first)
    } else putBack(candidates, first)
  }
  return taken
}

/**
 * Finds the causes among findings, most likely first: what is seen before what a log alone tells, then worst severity
 * involved, then number of symptoms newly explained, then layer, then order found.
 */
export function diagnose(findings: readonly Finding[]): Diagnosis {
  const edges = edgesOf(findings)
  const at = (index: number): Finding => findings[index] as Finding
  const candidates = roots(edges).map((index): Candidate => {
    const reached = reach(index, edges)
    const severity = worst([at(index), ...[...reached].map(at)])
    return {
      index,
      reached,
      severity,
      isHearsay: isHearsay(at(index), reached),
      depth: layerDepth(at(index)),
      fresh: reached.size,
    }
  })
  const causes = ranked(candidates).map(({ index, reached, severity }, place): Cause => {
    const symptoms = [...reached].sort((a, b) => a - b).map(at)
    const isConfirmed = [at(index), ...symptoms].some(isSeenByPackets)
    return {
      finding: at(index),
      severity,
      rank: place + 1,
      explains: symptoms,
      agreement: isConfirmed ? 'confirmed' : 'predicted-only',
    }
  })
  return { causes }
}
