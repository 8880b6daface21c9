/** Packets counted by the rules and policies that iptables-save -c prints. */

import { present } from '../../../checks/model/present.ts'
import type { CountedRule } from '../../../checks/model/trace-observation.ts'

const POLICY = /^:(\S+) (ACCEPT|DROP|QUEUE|RETURN) \[(\d+):\d+\]$/
const RULE = /^\[(\d+):\d+\] (-A (\S+) .*)$/

function policyIn(line: string): Pick<CountedRule, 'chain' | 'target' | 'packets'> | undefined {
  const [, chain, target, packets] = POLICY.exec(line) ?? []
  if (chain === undefined || target === undefined) return undefined
  return { chain, target, packets: Number(packets) }
}

function ruleIn(line: string): Omit<CountedRule, 'backend' | 'table'> | undefined {
  const [, packets, rule, chain] = RULE.exec(line) ?? []
  if (chain === undefined || rule === undefined) return undefined
  const target = /(?:^| )-[jg] (\S+)/.exec(rule)?.[1]
  return { chain, rule, packets: Number(packets), ...present({ target }) }
}

/** Rules and policies with their counts; lines that are neither are left out. */
export function parseRuleCounters(backend: CountedRule['backend'], text: string): readonly CountedRule[] {
  let table = ''
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1)
    const counted = policyIn(line) ?? ruleIn(line)
    return counted === undefined ? [] : [{ backend, table, ...counted }]
  })
}
