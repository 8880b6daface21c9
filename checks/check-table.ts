/** Tables for a check's test, whatever runs them: states that pass, states that fail with exactly the listed findings. */
import type { Check } from './check.ts'
import { type CheckResult, evaluate } from './evaluate.ts'
import type { ClusterSnapshot, Fact, FactName, HostSnapshot } from './model/snapshot.ts'
import { DATASTORE_FACTS } from './model/snapshot.ts'

/** A state that a check passes. */
export interface Case {
  readonly name: string
  /** The state, made anew for each test. */
  readonly cluster: () => ClusterSnapshot | Promise<ClusterSnapshot>
  /** Milliseconds since 1970; default: the end of the snapshot's window. */
  readonly now?: number
}

/** A state in which a check finds something. */
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

/** The results of one check. */
export function judgedBy(check: Check, cluster: ClusterSnapshot, now?: number): CheckResult[] {
  return evaluate(cluster, [check], now ?? cluster.window.to)
}

function absent(fact: Fact<unknown>): Fact<never> {
  return { known: false, why: 'timed-out', detail: 'taken away by the test', from: fact.from }
}

/** The cluster with a fact that nobody has. */
export function withoutNeed(cluster: ClusterSnapshot, need: FactName): ClusterSnapshot {
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

/** What was found, in the words of a table. */
export function findingLines(results: readonly CheckResult[]): string[] {
  return results
    .flatMap(({ findings }) => findings)
    .map(({ code, subject }) => `${subject.host ?? '-'} ${code.split(':')[1]} ${subject.object ?? '-'}`)
    .sort()
}

/** Findings of which a text has a name without a value. */
export function unfilled(results: readonly CheckResult[]) {
  return results.flatMap((r) => r.findings).filter((f) => /\{\w+\}/.test(f.message + f.fix))
}
