/** The format of iptables-save, shared by both variants of the tool. */
import type { Iptables, IptablesChain, IptablesRule } from '../../../checks/model/netfilter.ts'
import { present } from '../section/rows.ts'

const CHAIN = /^:(\S+) (\S+)(?: \[(\d+):\d+\])?$/
const RULE = /^(?:\[(\d+):\d+\] )?(-A (\S+).*)$/
/** A word: double-quoted with backslash escapes, or plain. */
const WORD = /"((?:[^"\\]|\\.)*)"|(\S+)/g

/** A rule split as a shell would: quotes removed, backslash escapes undone. */
export function splitWords(text: string): readonly string[] {
  return [...text.matchAll(WORD)].map(([, quoted, plain = '']) => quoted?.replaceAll(/\\(.)/g, '$1') ?? plain)
}

/** iptables 1.8 names its variant in the first comment; 1.8.0 to 1.8.2 called the new one xtables-save. */
function variantOf(text: string): Iptables['variant'] {
  const comment = /^#.*$/m.exec(text)?.[0] ?? ''
  return /\(nf_tables\)|xtables-save/.test(comment) ? 'nf_tables' : 'legacy'
}

function parseChain(table: string, line: string): IptablesChain | undefined {
  const [, name, policy, packets] = CHAIN.exec(line) ?? []
  if (name === undefined) return undefined
  return present({
    table,
    name,
    policy: policy === '-' ? undefined : policy,
    packets: packets === undefined ? undefined : Number(packets),
  })
}

function parseRule(table: string, line: string): IptablesRule | undefined {
  const [, packets, text, chain] = RULE.exec(line) ?? []
  if (text === undefined || chain === undefined) return undefined
  return present({
    table,
    chain,
    text,
    words: splitWords(text),
    packets: packets === undefined ? undefined : Number(packets),
  })
}

/** Chains and rules of a dump; text without a variant in its header is legacy. Throws Error on other text. */
export function parseIptablesSave(text: string): Iptables {
  const chains: IptablesChain[] = []
  const rules: IptablesRule[] = []
  let table = ''
  for (const line of text.split('\n').map((raw) => raw.trimEnd())) {
    if (line === '' || line === 'COMMIT' || line.startsWith('#')) continue
    if (line.startsWith('*')) {
      table = line.slice(1)
      continue
    }
    const chain = parseChain(table, line)
    const rule = parseRule(table, line)
    if (chain !== undefined) chains.push(chain)
    else if (rule !== undefined) rules.push(rule)
    else throw new Error(`not a line of iptables-save: ${line.slice(0, 80)}`)
  }
  return { variant: variantOf(text), chains, rules }
}
