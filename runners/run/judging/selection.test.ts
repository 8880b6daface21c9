import test from 'ava'
import type { CheckResult } from '../../../checks/evaluate.ts'
import type { Finding } from '../../../checks/finding.ts'
import { isInNamespace, selectFindings } from './selection.ts'

/** A result with one finding about each container. */
function resultAbout(...names: readonly string[]): CheckResult {
  const findings = names.map(
    (name) =>
      ({
        code: 'bridge/container-mtu:too-large',
        subject: { kind: 'container', name },
      }) as unknown as Finding,
  )
  return { check: 'bridge/container-mtu', outcome: 'fail', findings } as unknown as CheckResult
}

const left = (results: readonly CheckResult[]) =>
  results.map(({ outcome, findings }) => [outcome, ...findings.map(({ subject: { name } }) => name)])

test('of one namespace: what is said of pods of others does not count, containers of no pod stay', (t) => {
  const selection = { only: [], skip: [], namespace: 'web' }
  const results = [resultAbout('web/a', 'other/a', 'h1c1', 'web-b/a'), resultAbout('other/a')]
  t.deepEqual(left(selectFindings(results, selection)), [['fail', 'web/a', 'h1c1'], ['pass']])
  t.deepEqual(left(selectFindings(results, { only: [], skip: [] })), left(results))
  t.true(isInNamespace('other/a', undefined))
})
