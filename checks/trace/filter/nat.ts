/** What the chains of type nat do to the first packet of a connection. */
import { type Attached, chainsAt } from './base-chains.ts'
import { type LosingRule, ruleAt } from './losing-rule.ts'
import type { Packet } from './packet.ts'
import type { FilterTable, Hook, Translate } from './rule.ts'
import { type Arriving, type Walk, walkBaseChain } from './walk.ts'

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

/** What a NAT chain does to the packet that was walked through it; undefined where nothing. */
export function translationIn(at: Attached, { verdicts, doubt }: Walk): Translation | undefined {
  const found = verdicts.find(({ kind }) => kind === 'translate')
  if (found?.rule === undefined || found.translate === undefined) return undefined
  const certain = verdicts.every(({ kind }) => kind === 'translate')
  const rule = certain ? found.rule : (doubt ?? found.rule)
  return { certain, translate: found.translate, rule: ruleAt(at, rule, found.chain) }
}

/** The first NAT rule that takes the packet at a hook. */
export function translationAt(tables: readonly FilterTable[], hook: Hook, arriving: Arriving): Translation {
  for (const at of chainsAt(tables, hook, 'nat')) {
    const found = translationIn(at, walkBaseChain(at.table, at.chain, arriving))
    if (found !== undefined) return found
  }
  return { certain: true }
}
