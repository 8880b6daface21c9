/** Which findings explain which, by indexes: a network of thousands of leases has tens of thousands of findings. */
import type { Explains, Subject } from '../check.ts'
import type { Finding } from '../finding.ts'
import { explainsLoss, losesPings } from './dataplane-edges.ts'
import { explainsPath, losesOnPath } from './path-edges.ts'

type Indices = readonly number[]

/** The findings of one code, by whom they are about. */
interface OfCode {
  readonly all: number[]
  readonly byHost: Map<string | undefined, number[]>
  readonly byPeer: Map<string | undefined, number[]>
  readonly byPair: Map<string, number[]>
}

const pairKey = ({ host, peer }: Subject): string => JSON.stringify([host, peer])

function add<K>(index: Map<K, number[]>, key: K, at: number): void {
  const places = index.get(key)
  if (places === undefined) index.set(key, [at])
  else places.push(at)
}

function byCode(findings: readonly Finding[]): ReadonlyMap<string, OfCode> {
  const codes = new Map<string, OfCode>()
  for (const [at, { code, subject }] of findings.entries()) {
    const of: OfCode = codes.get(code) ?? { all: [], byHost: new Map(), byPeer: new Map(), byPair: new Map() }
    codes.set(code, of)
    of.all.push(at)
    add(of.byHost, subject.host, at)
    add(of.byPeer, subject.peer, at)
    add(of.byPair, pairKey(subject), at)
  }
  return codes
}

function related(of: OfCode, cause: Subject, when: Explains['when']): Indices {
  if (when === 'anywhere') return of.all
  if (when === 'same-host') return of.byHost.get(cause.host) ?? []
  if (when === 'same-pair') return of.byPair.get(pairKey(cause)) ?? []
  if (when === 'peer-of') return cause.host === undefined ? [] : (of.byPeer.get(cause.host) ?? [])
  const hosts = when === 'involves-host' ? [cause.host] : [cause.host, cause.peer]
  return hosts
    .filter((host) => host !== undefined)
    .flatMap((host) => [...(of.byHost.get(host) ?? []), ...(of.byPeer.get(host) ?? [])])
}

function matching(codes: ReadonlyMap<string, OfCode>, pattern: string): readonly OfCode[] {
  if (!pattern.endsWith('*')) {
    const of = codes.get(pattern)
    return of === undefined ? [] : [of]
  }
  const start = pattern.slice(0, -1)
  return [...codes].flatMap(([code, of]) => (code.startsWith(start) ? [of] : []))
}

function symptomsNamed(cause: Finding, codes: ReadonlyMap<string, OfCode>): Indices {
  return cause.explains.flatMap(({ code, when }) =>
    matching(codes, code).flatMap((of) => related(of, cause.subject, when)),
  )
}

/** What probes and the walk saw, under whichever check's code. */
function isSeen({ code, outLinks }: Finding): boolean {
  return /^(dataplane|path)\//.test(code) || (outLinks !== undefined && code.startsWith('netfilter/'))
}

/** For each finding the places of those that it would by itself produce, ascending. */
export function edgesOf(findings: readonly Finding[]): number[][] {
  const codes = byCode(findings)
  // What probes and the walk saw is explained by rules of their own, and is little.
  const losses = findings.flatMap((one, at) => (isSeen(one) ? [at] : []))
  const lossesOf = (cause: Finding): Indices => {
    if (!losesPings(cause) && !losesOnPath(cause)) return []
    return losses.filter((at) => {
      const symptom = findings[at] as Finding
      return explainsLoss(cause, symptom) || explainsPath(cause, symptom)
    })
  }
  return findings.map((cause, from) => {
    const found = new Set([...symptomsNamed(cause, codes), ...lossesOf(cause)])
    found.delete(from)
    return [...found].sort((a, b) => a - b)
  })
}
