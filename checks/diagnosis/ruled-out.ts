/** Which layers are ruled out: something of them was judged, all of it passed, and no loss is laid to them. */

import { LAYERS, type Layer } from '../check.ts'
import type { CheckResult } from '../evaluate.ts'
import { matches } from './loss-edges.ts'

/**
 * Layers of the thing that a finding about the way of a packet names. The checks of that layer may all have passed: a
 * rule, route or link is no entry that flannel writes, so that none of them looks at it.
 */
const NAMED: readonly (readonly [pattern: string, layers: readonly Layer[]])[] = [
  ['path/rule:*', ['netfilter']],
  ['path/service:*', ['netfilter']],
  ['path/cluster-ip:*', ['netfilter']],
  ['path/node-port:*', ['netfilter']],
  ['path/published-port:*', ['netfilter']],
  ['path/datastore:*', ['netfilter', 'route']],
  ['path/route:*', ['route']],
  ['path/neighbour:*', ['neighbour', 'fdb']],
  ['path/link:*', ['link', 'tunnel', 'bridge']],
  ['path/link:no-such-host', ['underlay']],
  ['path/size:*', ['link']],
  ['dataplane/followed-ping:rule', ['netfilter']],
  ['dataplane/followed-ping:underlay', ['underlay']],
  ['dataplane/underlay-ping:*', ['underlay']],
  ['dataplane/tunnel-port:*', ['tunnel']],
]

/** Every pattern of the table, for the test that each names codes that exist. */
export const NAMED_PATTERNS: readonly string[] = NAMED.map(([pattern]) => pattern)

function ownLayer(code: string): readonly Layer[] {
  return LAYERS.filter((layer) => code.startsWith(`${layer}/`))
}

function namedLayers(code: string): readonly Layer[] {
  return NAMED.flatMap(([pattern, layers]) => (matches([pattern], code) ? layers : []))
}

/** The layers of the checks of these results, each once. */
function layersOf(results: readonly CheckResult[]): readonly Layer[] {
  const checks = new Set(results.map(({ check }) => check))
  return [...new Set([...checks].flatMap(ownLayer))]
}

/** The layers that are ruled out as the place of a cause, in the order in which they were judged. */
export function ruledOut(results: readonly CheckResult[]): readonly Layer[] {
  const judged = results.filter(({ outcome }) => outcome !== 'not-applicable')
  const doubted = new Set([
    ...layersOf(judged.filter(({ outcome }) => outcome !== 'pass')),
    ...judged.flatMap(({ findings }) => findings.flatMap(({ code }) => namedLayers(code))),
  ])
  return layersOf(judged).filter((layer) => !doubted.has(layer))
}
