/** What holds of every clause, and of the document made of them. */
import { readFileSync } from 'node:fs'
import test from 'ava'
import { SCENARIOS } from '../../runners/conformance/scenarios/all-scenarios.ts'
import { conformanceText } from '../../runners/dev/conformance-text.ts'
import type { Check } from '../check.ts'
import { compareVersions, parseVersion } from '../expected/generation.ts'
import { CHECKS } from '../registry.ts'
import { type Clause, PROFILES } from './clause.ts'
import { type ConformanceDocument, conformanceDocument, RETIRED, reusedIds, vanishedIds } from './document.ts'
import { CLAUSES } from './registry.ts'

const CODES = new Map(
  CHECKS.flatMap(({ id, findings }) =>
    Object.entries(findings as Check['findings']).map(([code, kind]) => [
      `${id}:${code}`,
      kind as Check['findings'][keyof Check['findings']] & { severity: string },
    ]),
  ),
)
/**
 * What only probes see is claimed by the ping-mesh scenario. `expires-soon` warns of what is not broken yet. Words of a
 * log name causes, and differ between versions.
 */
const NOT_CLAIMED = /^dataplane\/|^datastore\/tls-files:expires-soon$|^daemon\/log:/

test('the clauses are complete, in the order of their numbers, none skipped', (t) => {
  t.is(CLAUSES.length, 250)
  const areas = new Map<string, number[]>()
  for (const id of [...CLAUSES.map((clause) => clause.id), ...RETIRED]) {
    const [, area = '', number = ''] = /^FL-([A-Z]+)-(\d{2,})$/.exec(id) ?? []
    t.not(area, '', id)
    areas.set(area, [...(areas.get(area) ?? []), Number(number)])
  }
  for (const [area, numbers] of areas) {
    const sorted = numbers.toSorted((a, b) => a - b)
    t.deepEqual(
      sorted,
      [...sorted.keys()].map((index) => index + 1),
      area,
    )
  }
})

test('every clause is one sentence with the word of its level, a source and profiles', (t) => {
  for (const { id, level, says, source, profiles } of CLAUSES) {
    t.true(says.endsWith('.') && says.length < 200, id)
    t.true(level === 'MAY' || new RegExp(`\\b${level}\\b`).test(says), `${id}: ${level}`)
    t.deepEqual(
      ['MUST', 'SHOULD'].filter((word) => word !== level && new RegExp(`\\b${word}\\b`).test(says)),
      [],
      id,
    )
    t.true(source.length > 3 && profiles.length > 0, id)
    t.true(
      profiles.every((profile) => PROFILES.includes(profile)),
      id,
    )
  }
})

test('ranges are of versions, and begin before they end', (t) => {
  for (const { id, since, until } of CLAUSES) {
    for (const version of [since, until]) if (version !== undefined) t.truthy(parseVersion(version), id)
    if (since !== undefined && until !== undefined) t.true((compareVersions(since, until) ?? 0) < 0, id)
  }
})

test('the profile of a backend has clauses of that backend alone', (t) => {
  for (const profile of ['vxlan', 'host-gw', 'udp'] as const) {
    for (const { id, profiles, backends } of CLAUSES)
      if (profiles.includes(profile)) t.deepEqual(backends, [profile], id)
  }
})

test('every code of a clause is one that a check declares; every scenario exists and has a clause', (t) => {
  const scenarios = new Set<string>(SCENARIOS.map(({ name }) => name))
  const named = new Set<string>()
  for (const { id, proof } of CLAUSES) {
    if (proof.kind === 'static') {
      t.true(proof.codes.length > 0, id)
      for (const code of proof.codes) t.true(CODES.has(code), `${id}: ${code}`)
    } else {
      t.true(scenarios.has(proof.scenario), `${id}: ${proof.scenario}`)
      named.add(proof.scenario)
    }
  }
  t.deepEqual([...named].toSorted(), [...scenarios].toSorted())
})

test('every finding that is more than a note breaks a clause', (t) => {
  const claimed = new Set(CLAUSES.flatMap(({ proof }) => (proof.kind === 'static' ? proof.codes : [])))
  const unclaimed = [...CODES]
    .filter(([code, { severity }]) => severity !== 'info' && !claimed.has(code) && !NOT_CLAIMED.test(code))
    .map(([code]) => code)
  t.deepEqual(unclaimed, [], 'name them in a clause of their area, or in NOT_CLAIMED')
})

test('conformance.json is of these clauses: run node runners/dev/conformance-json.ts', (t) => {
  const now = conformanceDocument(CLAUSES)
  const text = readFileSync(new URL('conformance.json', import.meta.url), 'utf8')
  const written: ConformanceDocument = JSON.parse(text)
  t.deepEqual(vanishedIds(written, now), [])
  t.deepEqual(reusedIds(written, now), [])
  t.is(text, conformanceText(now))
})

test('a number that vanished or is used again is found', (t) => {
  const [first, second, third] = CLAUSES as readonly [Clause, Clause, Clause]
  const former = { clauses: [first, second], retired: [third.id] }
  t.deepEqual(vanishedIds(former, { clauses: [first], retired: [] }), [second.id, third.id])
  t.deepEqual(vanishedIds(former, { clauses: [first], retired: [second.id, third.id] }), [])
  t.deepEqual(reusedIds(former, { clauses: [first, third], retired: [third.id] }), [third.id])
  t.deepEqual(reusedIds(former, { clauses: [first, first], retired: [third.id] }), [first.id])
})
