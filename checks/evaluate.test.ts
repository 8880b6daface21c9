import test from 'ava'
import { buildCluster, withoutFact } from '../fixtures/build.ts'
import type { Check } from './check.ts'
import { defineClusterCheck, defineHostCheck } from './define.ts'
import { type CheckResult, evaluate, evaluation } from './evaluate.ts'
import { named } from './model/named.ts'
import { NOT_READ, reasonsByPlace, reasonsOnce } from './reasons-by-place.ts'

const KIND = {
  severity: 'critical',
  confidence: 'certain',
  says: '{object} of {host} is wrong',
  fix: 'mend {object}',
} as const

function hostCheck(evaluateOne: Parameters<typeof defineHostCheck<'links', 'wrong'>>[0]['evaluate']): Check {
  return defineHostCheck({
    id: 'link/example',
    title: 'an example',
    backends: 'any',
    needs: ['links'],
    needsExpected: false,
    findings: { wrong: KIND },
    evaluate: evaluateOne,
  })
}

const cluster = buildCluster({ hosts: 2, backend: 'vxlan' })
const outcomes = (check: Check, snapshot = cluster) =>
  evaluate(snapshot, [check], snapshot.window.to).map(({ outcome }) => outcome)

test('a check that yields nothing passes on every host', (t) => {
  t.deepEqual(outcomes(hostCheck(function* () {})), ['pass', 'pass'])
})

test('a finding names host, object and the command that shows it', (t) => {
  const check = hostCheck(function* () {
    yield { code: 'wrong', object: named('link', 'flannel.1'), observed: 'DOWN' }
  })
  const [first] = evaluate(cluster, [check], 0)
  const [finding] = first?.findings ?? []
  t.is(finding?.code, 'link/example:wrong')
  t.is(finding?.message, 'link flannel.1 of h1 is wrong')
  t.deepEqual(
    finding?.evidence.map(({ source, excerpt }) => [source.command, excerpt]),
    [['ip -s -s -d link show flannel.1', 'DOWN']],
  )
})

test('a hostile object name gets into no command', (t) => {
  const check = hostCheck(function* () {
    yield { code: 'wrong', object: named('link', '\u001b$(reboot);'), observed: 'x' }
  })
  const command = evaluate(cluster, [check], 0)[0]?.findings[0]?.evidence[0]?.source.command ?? ''
  t.false(command.includes('reboot'))
})

test('a missing fact is inconclusive, one that cannot exist is not applicable', (t) => {
  const check = hostCheck(function* () {
    yield { code: 'wrong' }
  })
  const missing = withoutFact(cluster, 'h1', { name: 'links', why: 'timed-out' })
  t.deepEqual(outcomes(check, missing), ['inconclusive', 'fail'])
  const foreign = withoutFact(cluster, 'h1', { name: 'links', why: 'not-applicable' })
  t.deepEqual(outcomes(check, foreign), ['not-applicable', 'fail'])
})

test('a check that throws is an error and stops nothing', (t) => {
  const check = hostCheck(function* () {
    if (t) throw new Error('its own bug')
    yield { code: 'wrong' }
  })
  t.deepEqual(outcomes(check), ['error', 'error'])
  t.regex(evaluate(cluster, [check], 0)[0]?.reason ?? '', /its own bug/)
})

test('doubt makes a pass inconclusive, but no failure', (t) => {
  const doubt = hostCheck(function* () {
    yield { unsure: 'not sure' }
  })
  t.deepEqual(outcomes(doubt), ['inconclusive', 'inconclusive'])
  const both = hostCheck(function* () {
    yield { unsure: 'not sure' }
    yield { code: 'wrong' }
  })
  t.deepEqual(outcomes(both), ['fail', 'fail'])
})

test('another backend is not applicable', (t) => {
  const check = { ...hostCheck(function* () {}), backends: ['udp'] } as Check
  t.deepEqual(outcomes(check), ['not-applicable', 'not-applicable'])
})

test('a cluster check runs once and is inconclusive when a host is missing, unless it found something', (t) => {
  const check = (finds: boolean): Check =>
    defineClusterCheck({
      id: 'lease/example',
      title: 'an example',
      backends: 'any',
      needs: ['leases', 'links'],
      findings: { wrong: KIND },
      *evaluate() {
        if (finds) yield { code: 'wrong' }
      },
    })
  t.deepEqual(outcomes(check(false)), ['pass'])
  const missing = withoutFact(cluster, 'h1', { name: 'links' })
  t.deepEqual(outcomes(check(false), missing), ['inconclusive'])
  t.deepEqual(outcomes(check(true), missing), ['fail'])
})

test('one reason of many hosts is told once', (t) => {
  const said = ['h1', 'h2', 'h3', 'h4', 'h5'].map((place) => ({ place, says: 'links timed-out' }))
  t.is(
    reasonsByPlace([...said, { place: 'h6', says: 'links missing' }]),
    'h1, h2, h3 and 2 more: links timed-out; h6: links missing',
  )
})

test('reasons that differ in the host alone are one', (t) => {
  const hosts = new Set(['h1', 'h2', 'h3', 'h4', 'h5'])
  const names = [...hosts]
  t.is(
    reasonsOnce(
      names.map((host) => `${host}: ${NOT_READ}`),
      hosts,
    ),
    'h1, h2, h3 and 2 more: not read',
  )
  const late = names.map(
    (host, at) => `links of ${host} are not known: late (ssh://10.0.0.${at}:22: no ${host})`,
  )
  t.is(
    reasonsOnce([...late, 'h1: read in part', 'etcd 10.0.0.1 is mute'], hosts),
    'h1, h2, h3 and 2 more: links of HOST are not known: late (ssh://ADDRESS: no HOST); h1: read in part; etcd 10.0.0.1 is mute',
  )
  t.is(reasonsOnce(['key /a is bad', 'key /b is bad'], hosts), 'key /a is bad; key /b is bad')
  const two = hostCheck(function* ({ host }) {
    yield { unsure: `${host}: one` }
    yield { unsure: `${host}: two` }
  })
  t.is(evaluate(cluster, [two], 0)[0]?.reason, 'h1: one; h1: two')
})

test('hosts that gave nothing are one reason for every check of the cluster', (t) => {
  const gone = withoutFact(withoutFact(cluster, 'h1', { name: 'links' }), 'h1', { name: 'kernel' })
  const h1 = gone.hosts.get('h1')
  if (h1 === undefined) throw new Error('h1 is not in the cluster')
  const hosts = new Map(gone.hosts).set('h1', { ...h1, unreachable: 'no way' })
  const unread = { ...gone, hosts }
  const needing = (fact: 'links' | 'kernel') =>
    defineClusterCheck({
      id: 'link/example',
      title: 'an example',
      backends: 'any',
      needs: [fact],
      findings: { wrong: KIND },
      evaluate: () => [],
    })
  const reasons = evaluate(unread, [needing('links'), needing('kernel')], 0).map(({ reason }) => reason)
  t.deepEqual(reasons, ['h1: not read', 'h1: not read'])
})

test('what follows a stop is inconclusive for its reason', (t) => {
  let judged = 0
  const check = hostCheck(() => {
    judged++
    return []
  })
  const judging = evaluation(cluster, [check, check], 0)
  t.like(judging.next().value, { host: 'h1', outcome: 'pass' })
  t.like(judging.next('stopped').value, {
    host: 'h1',
    outcome: 'inconclusive',
    reason: 'stopped',
    findings: [],
  })
  t.deepEqual(
    [...judging].map(({ outcome }) => outcome),
    ['inconclusive', 'inconclusive'],
  )
  t.is(judged, 1)
})

test('results are check by check, although hosts are judged one after another', (t) => {
  const [one, other] = ['link/one', 'link/other'].map((id) => ({ ...hostCheck(() => []), id }) as Check)
  const checks = [one, other].flatMap((check) => check ?? [])
  const places = (results: Iterable<CheckResult>) => [...results].map(({ check, host }) => `${check} ${host}`)
  t.deepEqual(places(evaluation(cluster, checks, 0)).slice(0, 2), ['link/one h1', 'link/other h1'])
  t.deepEqual(places(evaluate(cluster, checks, 0)).slice(0, 2), ['link/one h1', 'link/one h2'])
})
