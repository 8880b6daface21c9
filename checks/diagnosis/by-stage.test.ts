import test from 'ava'
import type { Severity, Subject } from '../check.ts'
import type { Finding } from '../finding.ts'
import type { LossSite } from '../trace/seen/loss-site.ts'
import { rankByStage } from './by-stage.ts'
import type { Cause } from './diagnose.ts'

function finding(code: Finding['code'], subject: Subject): Finding {
  return {
    code,
    subject,
    severity: 'critical',
    effect: 'loss',
    fixes: [],
    confidence: 'certain',
    message: '',
    fix: '',
    evidence: [],
    explains: [],
  }
}

function cause(first: Finding, explains: readonly Finding[] = [], severity: Severity = 'critical'): Cause {
  return { finding: first, explains, severity, rank: 1, agreement: 'predicted-only' }
}

const filter = cause(finding('netfilter/forward:drop-policy', { host: 'h2' }))
const ownFilter = cause(finding('netfilter/forward:drop-policy', { host: 'h1' }))
const farFilter = cause(finding('netfilter/forward:drop-policy', { host: 'h3' }))
const fdb = cause(finding('fdb/peer-vtep:missing', { host: 'h1', peer: 'h2' }))
const farRoute = cause(finding('route/peer-subnet:missing', { host: 'h3', peer: 'h1' }))
const lease = cause(finding('lease/peer:unprogrammed', { host: 'h1', peer: 'h2' }), [fdb.finding])
const mild = cause(finding('netfilter/forward:drop-policy', { host: 'h2' }), [], 'warning')
const config = cause(finding('datastore/config:missing', {}))

const path = ['h1', 'h2']
const inForward: LossSite = { at: [{ host: 'h2', stage: 'forward-in' }], path }
const atFdb: LossSite = { at: [{ host: 'h1', stage: 'fdb' }], path }
const nowhere: LossSite = { at: [], path }

const CASES: readonly (readonly [string, readonly Cause[], LossSite, readonly number[]])[] = [
  ['the filter of the host that lost it goes first', [ownFilter, filter], inForward, [1, 0]],
  ['a host off the way goes last', [farFilter, ownFilter, filter], inForward, [2, 1, 0]],
  ['a pair with one host on the way stays', [farRoute, ownFilter], inForward, [0, 1]],
  ['the stage decides on one host', [ownFilter, fdb], atFdb, [1, 0]],
  ['a cause comes with what it explains', [ownFilter, lease], atFdb, [1, 0]],
  ['a warning does not overtake', [ownFilter, mild], inForward, [0, 1]],
  ['a cause without a host may act everywhere', [ownFilter, config], inForward, [1, 0]],
  ['nothing known keeps the order', [ownFilter, fdb, filter], nowhere, [0, 1, 2]],
]

for (const [what, causes, loss, order] of CASES) {
  test(what, (t) => {
    const ranked = rankByStage(causes, loss)
    t.deepEqual(
      ranked.map(({ finding: each }) => each),
      order.map((index) => causes[index]?.finding),
    )
    t.deepEqual(
      ranked.map(({ rank }) => rank),
      order.map((_, index) => index + 1),
    )
  })
}
