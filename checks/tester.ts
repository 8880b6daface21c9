/**
 * Tables for a check's test: states that must pass, states that must fail with exactly
 * the listed findings. For missing facts nothing is written: each declared need is taken
 * away in turn and the check must become inconclusive.
 */
import type { TestFn } from 'ava'
import { recordedCluster } from '../runners/run/saved/saved-cluster.ts'
import type { Check } from './check.ts'
import { type Case, type CheckTable, findingLines, judgedBy, unfilled, withoutNeed } from './check-table.ts'
import { commandProblem } from './heal/command-grammar-for-tests.ts'
import type { FactName } from './model/snapshot.ts'

/** The recorded healthy states of the releases up to v0.10.0, one per backend. */
const EARLY_RECORDINGS = ['v0.6.2', 'v0.7.0', 'v0.10.0'].flatMap((version) =>
  ['vxlan', 'host-gw', 'udp'].map((backend) => `${version}-${backend}`),
)

/** Those of them that have a link of flannel's own. */
export const EARLY_TUNNELS = EARLY_RECORDINGS.filter((name) => !name.endsWith('host-gw'))

/** A passing case per recorded state. */
export function recordedCases(names: readonly string[] = EARLY_RECORDINGS): readonly Case[] {
  return names.map((name) => ({ name: `recorded ${name}`, cluster: () => recordedCluster(name) }))
}

/** Registers the tests of one check. */
export function testCheck(test: TestFn, check: Check, table: CheckTable): void {
  for (const { name, cluster, now } of table.passes) {
    test(`${check.id} passes: ${name}`, async (t) => {
      const results = judgedBy(check, await cluster(), now)
      t.deepEqual(findingLines(results), [])
      t.true(
        results.some(({ outcome }) => outcome === 'pass'),
        `no host passed: ${results.map(({ outcome, reason }) => `${outcome} ${reason}`).join('; ')}`,
      )
    })
  }
  for (const { name, cluster, now, findings } of table.fails) {
    test(`${check.id} fails: ${name}`, async (t) => {
      const results = judgedBy(check, await cluster(), now)
      t.deepEqual(findingLines(results), [...findings].sort())
      t.deepEqual(unfilled(results), [], 'a template has a name without a value')
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
      const results = judgedBy(check, withoutNeed(await first.cluster(), need), first.now)
      const judged = results.filter(({ outcome }) => outcome !== 'not-applicable')
      t.true(judged.length > 0)
      for (const result of judged) t.is(result.outcome, 'inconclusive', result.reason)
    })
  }
}
