/** From results and observations to statuses and claims: versions, backends, trials, doubt. */
import test from 'ava'
import type { Check } from '../check.ts'
import { CHECKS } from '../registry.ts'
import type { Running } from './applies.ts'
import { claimOf } from './claim.ts'
import type { Clause } from './clause.ts'
import { doneBy, seenBy } from './clause.ts'
import { judgeClauses, type Seen } from './judge-clauses.ts'
import type { Breach, JudgedCheck, JudgedClause } from './judge-static.ts'

const ROUTE = 'route/peer-subnet'

function clause(over: Partial<Clause> = {}): Clause {
  return {
    id: 'FL-TEST-01',
    level: 'MUST',
    says: 'A host MUST have a route.',
    source: 'the test',
    profiles: ['core'],
    proof: seenBy(`${ROUTE}:missing`),
    ...over,
  }
}

function breach(host: string, code = `${ROUTE}:missing`): Breach {
  return { code, subject: { host }, message: `${host} is broken`, fix: 'mend it' }
}

function result(host: string, over: Partial<JudgedCheck> = {}): JudgedCheck {
  return { check: ROUTE, host, outcome: 'pass', findings: [], ...over }
}

const fails = (host: string, code?: string): JudgedCheck =>
  result(host, { outcome: 'fail', findings: [breach(host, code)] })

const running = (
  versions: Record<string, string | undefined>,
  backend: Running['backend'] = 'vxlan',
): Running => ({
  backend,
  versions: new Map(Object.entries(versions)),
})

const V28 = running({ h1: 'v0.28.9', h2: 'v0.28.9' })

function judged(of: Clause, seen: Partial<Seen>, checks: readonly Check[] = CHECKS): JudgedClause {
  const [only] = judgeClauses([of], { running: V28, results: [], ...seen }, checks)
  return only as JudgedClause
}

test('met when its checks passed, not met when they found one of its codes', (t) => {
  t.is(judged(clause(), { results: [result('h1'), result('h2')] }).status, 'met')
  const broken = judged(clause(), { results: [result('h1'), fails('h2')] })
  t.is(broken.status, 'not-met')
  t.deepEqual(
    broken.breaches.map(({ subject }) => subject.host),
    ['h2'],
  )
})

test('another code of the same check breaks nothing, unless the check was unsure as well', (t) => {
  const other = fails('h2', `${ROUTE}:wrong-link`)
  t.is(judged(clause(), { results: [result('h1'), other] }).status, 'met')
  const unsure = judged(clause(), { results: [result('h1'), { ...other, reason: 'a table was not read' }] })
  t.is(unsure.status, 'undecided')
  t.regex(unsure.reason ?? '', /h2: .*a table was not read/)
})

test('undecided when a host could not be judged; a breach elsewhere still counts', (t) => {
  const open = result('h1', { outcome: 'inconclusive', reason: 'routes timed-out' })
  t.is(judged(clause(), { results: [open, result('h2')] }).status, 'undecided')
  t.is(judged(clause(), { results: [open, fails('h2')] }).status, 'not-met')
})

test('not tested when its checks were not run, outside when they do not apply anywhere', (t) => {
  t.is(judged(clause(), {}).status, 'not-tested')
  const results = [result('h1', { outcome: 'not-applicable', reason: 'no Docker' })]
  t.is(judged(clause(), { results }).status, 'outside')
})

test('each host is judged by its own version', (t) => {
  const mixed = running({ h1: 'v0.6.2', h2: 'v0.28.9' })
  const recent = clause({ since: 'v0.9.0' })
  const early = clause({ until: 'v0.9.0' })
  const results = [fails('h1'), result('h2')]
  t.is(judged(recent, { running: mixed, results }).status, 'met')
  t.is(judged(early, { running: mixed, results }).status, 'not-met')
  t.is(judged(early, { results }).status, 'outside')
  t.is(judged(clause({ backends: ['udp'] }), { results }).status, 'outside')
})

test('a clause about leases in etcd is not about nodes of Kubernetes, and where neither was read a breach decides nothing', (t) => {
  const ofEtcd = clause({ leases: 'etcd' })
  const results = [fails('h1')]
  const status = (leases: Partial<Running>) =>
    judged(ofEtcd, { running: { ...V28, ...leases }, results }).status
  t.is(status({ leases: 'etcd' }), 'not-met')
  t.is(status({ leases: 'kubernetes' }), 'outside')
  t.is(status({}), 'undecided')
  const outside = judged(ofEtcd, { running: { ...V28, leases: 'kubernetes' }, results })
  t.is(outside.reason, 'about leases in etcd')
})

test('without a version a breach of a clause about some versions is undecided', (t) => {
  const unknown = running({ h1: undefined, h2: undefined })
  const some = clause({ since: 'v0.9.0' })
  t.is(judged(some, { running: unknown, results: [fails('h1'), result('h2')] }).status, 'undecided')
  t.is(judged(clause(), { running: unknown, results: [fails('h1')] }).status, 'not-met')
})

test('a check on trial breaks no clause', (t) => {
  const checks = CHECKS.map((check) => (check.id === ROUTE ? ({ ...check, stage: 'trial' } as Check) : check))
  t.is(judged(clause(), { results: [fails('h1')] }, checks).status, 'outside')
  const both = clause({ proof: seenBy(`${ROUTE}:missing`, 'fdb/peer-vtep:missing') })
  const results = [fails('h1'), { ...result('h1'), check: 'fdb/peer-vtep' }]
  t.is(judged(both, { results }, checks).status, 'met')
})

test('an action counts by the worst that it showed', (t) => {
  const act = clause({ proof: doneBy('kill-flanneld') })
  t.is(judged(act, {}).status, 'not-tested')
  t.is(judged(act, { acted: { observations: [] } }).status, 'not-tested')
  const seen = (status: 'met' | 'not-met' | 'undecided') => ({ clause: act.id, status, observed: status })
  t.is(judged(act, { acted: { observations: [seen('met')] } }).status, 'met')
  const worst = judged(act, { acted: { observations: [seen('met'), seen('not-met'), seen('undecided')] } })
  t.is(worst.status, 'not-met')
  t.is(worst.reason, 'not-met')
  t.is(judged({ ...act, since: 'v1.0.0' }, { acted: { observations: [seen('met')] } }).status, 'outside')
})

const of = (
  level: Clause['level'],
  status: JudgedClause['status'],
  proof = clause().proof,
): JudgedClause => ({
  clause: clause({ level, proof }),
  status,
  breaches: [],
})
const READ = { strict: false, acted: false }
const verdict = (clauses: readonly JudgedClause[], how = READ) => claimOf('core', clauses, how).verdict

test('a claim stands on every MUST; a SHOULD counts strictly, a MAY never', (t) => {
  const strict = { ...READ, strict: true }
  t.is(verdict([of('MUST', 'met')]), 'conformant')
  t.is(verdict([of('MUST', 'met'), of('MUST', 'undecided')]), 'undecided')
  t.is(verdict([of('MUST', 'not-met'), of('MUST', 'undecided')]), 'not-conformant')
  t.is(verdict([of('MUST', 'met'), of('SHOULD', 'not-met')]), 'conformant')
  t.is(verdict([of('MUST', 'met'), of('SHOULD', 'not-met')], strict), 'not-conformant')
  t.is(verdict([of('MUST', 'met'), of('MAY', 'not-met')], strict), 'conformant')
})

test('what needs an action counts only where actions were allowed', (t) => {
  const action = of('MUST', 'not-tested', doneBy('kill-flanneld'))
  t.is(verdict([of('MUST', 'met'), action]), 'conformant')
  t.is(verdict([of('MUST', 'met'), action], { strict: false, acted: true }), 'undecided')
  t.is(verdict([action]), 'undecided')
})

test('clauses about something else are counted apart; a claim of nothing is undecided', (t) => {
  const claim = claimOf('core', [of('MUST', 'met'), of('MUST', 'outside')], READ)
  t.is(claim.verdict, 'conformant')
  t.is(claim.outside.length, 1)
  t.is(verdict([of('MUST', 'outside')]), 'undecided')
  t.is(claimOf('dual-stack', [], READ).verdict, 'undecided')
  t.is(verdict([of('MUST', 'met'), of('MUST', 'not-tested')]), 'undecided')
})
