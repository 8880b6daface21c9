/** What `nft monitor trace` prints: one line per rule a traced packet meets. */

import { present } from '../../../checks/model/present.ts'
import type { RuleDrop } from '../../../checks/model/trace-observation.ts'

/** One line of a trace. */
export interface RuleStep {
  /** The packet, as the kernel numbers it. */
  readonly packet: string
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly what: 'packet' | 'rule' | 'policy' | 'verdict'
  /** The packet's fields, the rule as nft writes it, or the policy. Comes from the host: show it as text only. */
  readonly text: string
  /** `accept`, `drop`, `continue`, `jump CHAIN`; of rules and policies. */
  readonly verdict?: string
}

const LINE = /^trace id (\w+) (\w+) (\S+) (\S+) (packet:|rule|policy|verdict) ?(.*?)\s*$/
const VERDICT = /^(.*?)\s*\(verdict ([^)]*)\)$/

function stepText(kind: string, rest: string): Pick<RuleStep, 'what' | 'text' | 'verdict'> {
  if (kind === 'packet:') return { what: 'packet', text: rest }
  if (kind === 'policy' || kind === 'verdict') return { what: kind, text: rest, verdict: rest }
  const [, text = rest, verdict] = VERDICT.exec(rest) ?? []
  return { what: 'rule', text, ...present({ verdict }) }
}

/** The step that a line tells; undefined for a line that is none. */
export function parseRuleStep(line: string): RuleStep | undefined {
  const match = LINE.exec(line)
  if (match === null) return undefined
  const [packet, family, table, chain, kind, rest] = match.slice(1) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return { packet, family, table, chain, ...stepText(kind, rest) }
}

function packetFields(
  text: string,
  tunnels: readonly number[],
): Omit<RuleDrop, 'family' | 'table' | 'chain' | 'rule'> {
  const field = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]
  const inputLink = field(/\biif "([^"]*)"/)
  const outputLink = field(/\boif "([^"]*)"/)
  const source = field(/\bip saddr (\S+)/)
  const destination = field(/\bip daddr (\S+)/)
  return {
    ...present({ inputLink, outputLink, source, destination }),
    tunnelled: tunnels.includes(Number(field(/\budp dport (\d+)/))),
  }
}

/** Everything that was dropped, in the order it happened; `tunnels` are the UDP ports of the overlay. */
export function ruleDrops(steps: readonly RuleStep[], tunnels: readonly number[]): readonly RuleDrop[] {
  return steps.flatMap((step, i) => {
    if (step.verdict !== 'drop') return []
    const { packet, family, table, chain, what, text } = step
    const seen = steps.slice(0, i).findLast((each) => each.packet === packet && each.what === 'packet')
    const rule = what === 'rule' ? { rule: text } : {}
    return [{ family, table, chain, ...rule, ...packetFields(seen?.text ?? '', tunnels) }]
  })
}
