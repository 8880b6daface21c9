/** Rules of flannel's own that a host lacks. */
import type { Draft, Unsure } from '../check.ts'
import type { ExpectedRule } from '../expected/expected.ts'
import { named } from '../model/named.ts'
import { type hostRules, missingRules, ruleWords } from '../trace/filter/saved-rules.ts'

/** One finding for all of them, at the chain of the first. What was not read may hold them: that leaves it unsure. */
export function* missingRuleDrafts(
  expected: readonly ExpectedRule[],
  { rules, unread }: ReturnType<typeof hostRules>,
): Iterable<Draft<'missing'> | Unsure> {
  const missing = missingRules(expected, rules).map((rule) => ({ ...rule, text: ruleWords(rule) }))
  const [first] = missing
  if (first === undefined) return
  yield* unread.map((reason) => ({ unsure: reason }))
  if (unread.length > 0) return
  const words = missing.map(({ text }) => text).join('; ')
  yield {
    code: 'missing',
    object: named('chain', `${first.table}/${first.chain}`),
    expected: words,
    observed: 'not present',
    data: { missing: words, count: missing.length, first: first.text },
  }
}
