import test from 'ava'
import type { Outcome } from '../check.ts'
import type { CheckResult } from '../evaluate.ts'
import { CHECKS } from '../registry.ts'
import { matches } from './loss-edges.ts'
import { NAMED_PATTERNS, ruledOut } from './ruled-out.ts'

function result(check: string, outcome: Outcome, code?: string): CheckResult {
  const findings = code === undefined ? [] : [{ code: `${check}:${code}` }]
  return { check, scope: 'cluster', outcome, findings } as unknown as CheckResult
}

const passed = ['underlay', 'link', 'tunnel', 'route', 'neighbour', 'fdb', 'netfilter', 'bridge'].map(
  (layer) => result(`${layer}/some`, 'pass'),
)

/** The layers that were judged and are not ruled out. */
function doubted(more: readonly CheckResult[]): string {
  const clean = new Set<string>(ruledOut([...passed, ...more]))
  const judged = [...passed, ...more].map(({ check }) => check.split('/')[0] ?? '')
  return [...new Set(judged)].filter((layer) => !clean.has(layer)).join(' ')
}

const CASES: readonly (readonly [name: string, more: readonly CheckResult[], doubted: string])[] = [
  ['all passed', [result('lease/own', 'pass')], ''],
  ['one check of a layer failed', [result('route/network', 'fail', 'missing')], 'route'],
  ['one check of a layer is undecided', [result('route/network', 'inconclusive')], 'route'],
  ['one check of a layer is in error', [result('bridge/link', 'error')], 'bridge'],
  ['a check that does not apply says nothing', [result('bridge/link', 'not-applicable')], ''],
  ['a rule drops', [result('path/rule', 'fail', 'drops')], 'netfilter path'],
  ['a rule drops a service', [result('path/service', 'fail', 'port-dropped')], 'netfilter path'],
  ['a route leads astray', [result('path/route', 'fail', 'astray')], 'route path'],
  ['no neighbour', [result('path/neighbour', 'fail', 'unresolved')], 'neighbour fdb path'],
  ['a link is down', [result('path/link', 'fail', 'down')], 'link tunnel bridge path'],
  ['too large for a link', [result('path/size', 'fail', 'too-large')], 'link path'],
  ['the underlay loses pings', [result('dataplane/underlay-ping', 'fail', 'lost')], 'underlay dataplane'],
  ['a lost ping names no layer', [result('dataplane/overlay-ping', 'fail', 'lost')], 'dataplane'],
]

for (const [name, more, expected] of CASES) {
  test(`ruled out: ${name}`, (t) => {
    t.is(doubted(more), expected)
  })
}

test('a layer of which nothing could be judged is not ruled out', (t) => {
  t.deepEqual(ruledOut([result('fdb/peer-vtep', 'not-applicable'), result('link/mtu', 'pass')]), ['link'])
})

const codes = CHECKS.flatMap(({ id, findings }) => Object.keys(findings).map((code) => `${id}:${code}`))

test('every pattern names codes that exist', (t) => {
  t.deepEqual(
    NAMED_PATTERNS.filter((pattern) => !codes.some((code) => matches([pattern], code))),
    [],
  )
})

test('every code about the way of a packet names a layer', (t) => {
  t.deepEqual(
    codes.filter((code) => code.startsWith('path/') && !matches(NAMED_PATTERNS, code)),
    [],
  )
})
