/** What `flannel-doctor/testing` gives: tables for the test of a plugin's check, as ours are tested. For any test runner. */
import { strict as assert } from 'node:assert'
import type { Check } from '../../checks/check.ts'
import { type CheckTable, findingLines, judgedBy, unfilled, withoutNeed } from '../../checks/check-table.ts'
import type { ClusterSnapshot, FactName, HostName } from '../../checks/model/snapshot.ts'
import type { HostView } from '../../checks/view.ts'
import { withFacts } from '../collect/collect.ts'
import type { FactCollector, Section } from '../collect/section/section.ts'
import type { PluginCheck, PluginFact, PluginHostCheck } from './contract.ts'
import { seenContext } from './seen-context.ts'

/** `test` of node:test, AVA, vitest, …: what the function throws is the failure. */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown

/** The check as a run evaluates it: of the network it sees the facts it declared, and nothing else. */
function asRun(check: PluginCheck): Check {
  const { evaluate } = check as unknown as PluginHostCheck
  return {
    backends: 'any',
    needsExpected: false,
    ...check,
    evaluate: ({ cluster: { now, hostByPublicIp, snapshot }, ...view }: HostView<never>) => {
      const context = { now, hostByPublicIp, observations: snapshot.observations ?? [] }
      return evaluate({
        ...view,
        cluster: seenContext(check as unknown as PluginHostCheck, context),
      } as never)
    },
  } as unknown as Check
}

/** A built or recorded network in which every host answered a plugin's command with this. */
export function withSection(
  cluster: ClusterSnapshot,
  fact: PluginFact,
  answer: (host: HostName) => string,
): ClusterSnapshot {
  const hosts = [...cluster.hosts].map(([name, host]) => {
    const section = {
      name: fact.fact,
      command: fact.command,
      stdout: answer(name),
      stderr: '',
      end: { exit: 0 },
      ms: 0,
    }
    const sections = [section as unknown as Section]
    return [name, withFacts(host, { sections }, [fact as unknown as FactCollector])] as const
  })
  return { ...cluster, hosts: new Map(hosts) }
}

/**
 * Registers the tests of one check: states that pass, states that fail with exactly the listed findings, and, for each
 * declared fact, that the check is inconclusive without it.
 */
export function checkTester(test: TestFunction, plugin: PluginCheck, table: CheckTable): void {
  const check = asRun(plugin)
  const [first] = table.passes
  if (first === undefined) throw new Error(`${check.id} has no passing state in its table`)
  for (const { name, cluster, now } of table.passes) {
    test(`${check.id} passes: ${name}`, async () => {
      const results = judgedBy(check, await cluster(), now)
      assert.deepEqual(findingLines(results), [])
      const outcomes = results.map(({ outcome, reason = '' }) => `${outcome} ${reason}`)
      assert.ok(
        results.some(({ outcome }) => outcome === 'pass'),
        `no host passed: ${outcomes.join('; ')}`,
      )
    })
  }
  for (const { name, cluster, now, findings } of table.fails) {
    test(`${check.id} fails: ${name}`, async () => {
      const results = judgedBy(check, await cluster(), now)
      assert.deepEqual(findingLines(results), [...findings].sort())
      assert.deepEqual(unfilled(results), [], 'a template has a name without a value')
    })
  }
  for (const need of (check.needs as readonly FactName[]).filter((one) => !table.tolerates?.[one])) {
    test(`${check.id} is inconclusive without ${need}`, async () => {
      const results = judgedBy(check, withoutNeed(await first.cluster(), need), first.now)
      const judged = results.filter(({ outcome }) => outcome !== 'not-applicable')
      assert.ok(judged.length > 0)
      for (const { outcome, reason } of judged) assert.equal(outcome, 'inconclusive', reason)
    })
  }
}
