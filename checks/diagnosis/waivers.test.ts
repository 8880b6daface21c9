import test from 'ava'
import type { Finding } from '../finding.ts'
import { present } from '../model/present.ts'
import type { Cause } from './diagnose.ts'
import { applyWaivers, type Waiver } from './waivers.ts'

const NOW = Date.parse('2026-05-10T23:59:59Z')

function finding(code: Finding['code'], host: string, peer?: string): Finding {
  return {
    code,
    severity: 'critical',
    effect: 'loss',
    confidence: 'certain',
    subject: { host, ...present({ peer }), object: 'route 10.1.0.0/24' },
    message: '',
    fix: '',
    fixes: [],
    evidence: [],
    explains: [],
  }
}

const link = finding('link/flannel:missing', 'h1')
const daemon = finding('daemon/flanneld:not-running', 'h2')
const route = finding('route/peer-subnet:missing', 'h1', 'h2')
const ping = finding('dataplane/overlay-ping:lost', 'h1', 'h2')

function cause(one: Finding, rank: number, explains: readonly Finding[]): Cause {
  return { finding: one, severity: 'critical', rank, explains, agreement: 'predicted-only' }
}

const causes = [cause(link, 1, [route, ping]), cause(daemon, 2, [ping])]
const waiver = (code: string, more: Partial<Waiver> = {}): Waiver => ({ code, reason: 'known', ...more })

test('a waived cause takes along what it alone explains', (t) => {
  const waived = applyWaivers([waiver('link/flannel:missing')], causes, NOW)
  t.deepEqual(new Set(waived.findings.keys()), new Set([route, link]), 'the ping has another cause')
  t.deepEqual(
    waived.causes.map(({ finding: { code }, rank }) => [code, rank]),
    [['daemon/flanneld:not-running', 1]],
  )
  t.deepEqual(
    waived.waivedCauses.map(({ finding: { code } }) => code),
    ['link/flannel:missing'],
  )
})

test('a waived symptom leaves its cause', (t) => {
  const waived = applyWaivers([waiver('route/peer-subnet:missing')], causes, NOW)
  t.deepEqual([...waived.findings.keys()], [route])
  t.is(waived.causes.length, 2)
})

test('every part of a subject that is given must fit', (t) => {
  const fits = (subject: NonNullable<Waiver['subject']>): boolean =>
    applyWaivers([waiver('route/peer-subnet:missing', { subject })], causes, NOW).findings.has(route)
  t.true(fits({ host: 'h1' }))
  t.true(fits({ host: 'h1', peer: 'h2', object: 'route 10.1.0.0/24' }))
  t.false(fits({ host: 'h2' }))
  t.false(fits({ host: 'h1', peer: 'h3' }))
  t.false(fits({ object: 'route 10.2.0.0/24' }))
})

test('a waiver holds through its last day, and one that fits nothing is unused', (t) => {
  const states = (until: string): readonly string[] =>
    applyWaivers(
      [waiver('link/flannel:missing', { until }), waiver('fdb/peer-vtep:missing')],
      causes,
      NOW,
    ).waivers.map(({ state }) => state)
  t.deepEqual(states('2026-05-10'), ['used', 'unused'])
  t.deepEqual(states('2026-05-09'), ['expired', 'unused'])
})
