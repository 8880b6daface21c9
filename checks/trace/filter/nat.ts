/** What the chains of type nat do to the first packet of a connection. */
import { chainsAt } from './base-chains.ts'
import type { Packet } from './packet.ts'
import type { FilterTable, Hook, Translate } from './rule.ts'
import { type LosingRule, ruleAt } from './verdict.ts'
import { type Arriving, walkBaseChain } from './walk.ts'

/** Whether source NAT changes the packet at postrouting, and the rule that does. */
export function translationOf(
  tables: readonly FilterTable[],
  packet: Packet,
): { readonly translated: boolean | 'unknown'; readonly by?: string; readonly rule?: LosingRule } {
  const { certain, rule } = translationAt(tables, 'postrouting', { packet, mark: 0 })
  if (rule === undefined) return { translated: false }
  return { translated: certain ? true : 'unknown', by: rule.by, rule }
}

/** What NAT does to the first packet of a connection at a hook. */
export interface Translation {
  /** The rule, or the one that leaves it open; absent where nothing is translated. */
  readonly rule?: LosingRule
  readonly translate?: Translate
  readonly certain: boolean
}

/** The first NAT rule that takes the packet at a hook. */
export function translationAt(tables: readonly FilterTable[], hook: Hook, arriving: Arriving): Translation {
  for (const at of chainsAt(tables, hook, 'nat')) {
    const { verdicts, doubt } = walkBaseChain(at.table, at.chain, arriving)
    const found = verdicts.find(({ kind }) => kind === 'translate')
    if (found?.rule === undefined || found.translate === undefined) continue
    const certain = verdicts.every(({ kind }) => kind === 'translate')
    const rule = certain ? found.rule : (doubt ?? found.rule)
    return { certain, translate: found.translate, rule: ruleAt(at, rule, found.chain) }
  }
  return { certain: true }
}
