/**
 * Tables for a check's test: states that must pass, states that must fail with exactly
 * the listed findings. For missing facts nothing is written: each declared need is taken
 * away in turn and the check must become inconclusive.
 */
import type { TestFn } from 'ava'
import { recordedCluster } from '../runners/run/saved-cluster.ts'
import type { Check } from './check.ts'
import { type CheckResult, evaluate } from './evaluate.ts'
import { commandProblem } from './heal/command-grammar-for-tests.ts'
import type { ClusterSnapshot, Fact, FactName, HostSnapshot } from './model/snapshot.ts'
import { DATASTORE_FACTS } from './model/snapshot.ts'

export interface Case {
  readonly name: string
  readonly cluster: () => ClusterSnapshot | Promise<ClusterSnapshot>
  /** Milliseconds since 1970; default: the end of the snapshot's window. */
  readonly now?: number
}

export interface FailingCase extends Case {
  /** Exactly these, as `host code object` with `-` for an absent part: `h1 missing route 10.2.3.0/24`. */
  readonly findings: readonly string[]
}

export interface CheckTable {
  readonly passes: readonly Case[]
  readonly fails: readonly FailingCase[]
  /** Needs whose absence the check tolerates on purpose, with the reason. */
  readonly tolerates?: Readonly<Record<string, string>>
}

/** The recorded healthy states of the releases up to v0.10.0, one per backend. */
const EARLY_RECORDINGS = ['v0.6.2', 'v0.7.0', 'v0.10.0'].flatMap((version) =>
  ['vxlan', 'host-gw', 'udp'].map((backend) => `${version}-${backend}`),
)

/** A passing case per recorded state. */
export function recordedCases(names: readonly string[] = EARLY_RECORDINGS): readonly Case[] {
  return names.map((name) => ({ name: `recorded ${name}`, cluster: () => recordedCluster(name) }))
}

function judge(check: Check, cluster: ClusterSnapshot, now?: number): CheckResult[] {
  return evaluate(cluster, [check], now ?? cluster.window.to)
}

function absent(fact: Fact<unknown>): Fact<never> {
  return { known: false, why: 'timed-out', detail: 'taken away by the test', from: fact.from }
}

function withoutNeed(cluster: ClusterSnapshot, need: FactName): ClusterSnapshot {
  if ((DATASTORE_FACTS as readonly string[]).includes(need)) {
    const name = need as keyof ClusterSnapshot['datastore']
    return { ...cluster, datastore: { ...cluster.datastore, [name]: absent(cluster.datastore[name]) } }
  }
  const name = need as keyof HostSnapshot['facts']
  const hosts = [...cluster.hosts].map(
    ([host, snapshot]) =>
      [host, { ...snapshot, facts: { ...snapshot.facts, [name]: absent(snapshot.facts[name]) } }] as const,
  )
  return { ...cluster, hosts: new Map(hosts) }
}

function findingLines(results: readonly CheckResult[]): string[] {
  return results
    .flatMap(({ findings }) => findings)
    .map(({ code, subject }) => `${subject.host ?? '-'} ${code.split(':')[1]} ${subject.object ?? '-'}`)
    .sort()
}

/** Registers the tests of one check. */
export function testCheck(test: TestFn, check: Check, table: CheckTable): void {
  for (const { name, cluster, now } of table.passes) {
    test(`${check.id} passes: ${name}`, async (t) => {
      const results = judge(check, await cluster(), now)
      t.deepEqual(findingLines(results), [])
      t.true(
        results.some(({ outcome }) => outcome === 'pass'),
        `no host passed: ${results.map(({ outcome, reason }) => `${outcome} ${reason}`).join('; ')}`,
      )
    })
  }
  for (const { name, cluster, now, findings } of table.fails) {
    test(`${check.id} fails: ${name}`, async (t) => {
      const results = judge(check, await cluster(), now)
      t.deepEqual(findingLines(results), [...findings].sort())
      const unfilled = results.flatMap((r) => r.findings).filter((f) => /\{\w+\}/.test(f.message + f.fix))
      t.deepEqual(unfilled, [], 'a template has a name without a value')
      const fixes = results.flatMap((r) => r.findings).flatMap((f) => f.fixes)
      const problems = fixes.flatMap(({ command, undo }) =>
        [command, undo].flatMap((one) => (one === undefined ? [] : (commandProblem(one) ?? []))),
      )
      t.deepEqual(problems, [], 'a fix that is no command')
    })
  }
  const [first] = table.passes
  if (first === undefined) throw new Error(`${check.id} has no passing state in its table`)
  for (const need of check.needs as readonly FactName[]) {
    if (table.tolerates?.[need] !== undefined) continue
    test(`${check.id} is inconclusive without ${need}`, async (t) => {
      const results = judge(check, withoutNeed(await first.cluster(), need), first.now)
      const judged = results.filter(({ outcome }) => outcome !== 'not-applicable')
      t.true(judged.length > 0)
      for (const result of judged) t.is(result.outcome, 'inconclusive', result.reason)
    })
  }
}
