/** Native nftables, and the tables that iptables-nft keeps there: `nft -j list ruleset`. */
import type { Nftables, NftChain, NftRule, NftSet } from '../../../checks/model/netfilter.ts'
import { numberField, present, type Row, rowField, rowsField, textField } from '../rows.ts'
import type { FactCollector, Parsed } from '../section.ts'

function list(row: Row, name: string): readonly unknown[] {
  const value = row[name]
  return Array.isArray(value) ? value : []
}

function place(row: Row): { readonly family: string; readonly table: string } {
  return { family: textField(row, 'family') ?? '', table: textField(row, 'table') ?? '' }
}

/** A netdev chain names one link, or several as a list. */
function chainLink(row: Row): string | undefined {
  const several = list(row, 'dev').filter((name) => typeof name === 'string')
  return textField(row, 'dev') ?? (several.length === 0 ? undefined : several.join(','))
}

function nftChain(row: Row): NftChain {
  return present({
    ...place(row),
    name: textField(row, 'name') ?? '',
    type: textField(row, 'type'),
    hook: textField(row, 'hook'),
    priority: numberField(row, 'prio'),
    policy: textField(row, 'policy'),
    link: chainLink(row),
  })
}

function nftRule(row: Row): NftRule {
  return present({
    ...place(row),
    chain: textField(row, 'chain') ?? '',
    handle: numberField(row, 'handle') ?? 0,
    expressions: list(row, 'expr'),
    comment: textField(row, 'comment'),
  })
}

function nftSet(row: Row): NftSet {
  return { ...place(row), name: textField(row, 'name') ?? '', elements: list(row, 'elem') }
}

function parse(text: string): Parsed<Nftables> {
  if (text.trim() === '') return { value: { tables: [], chains: [], rules: [], sets: [] } }
  const document = JSON.parse(text) as unknown
  if (typeof document !== 'object' || document === null || !('nftables' in document)) {
    return { problem: { why: 'unparsable', detail: 'expected an object with the key "nftables"' } }
  }
  const entries = rowsField(document as Row, 'nftables')
  const of = (kind: string): readonly Row[] =>
    entries.filter((entry) => kind in entry).map((entry) => rowField(entry, kind))
  return {
    value: {
      tables: of('table').map((row) => ({ family: place(row).family, name: textField(row, 'name') ?? '' })),
      chains: of('chain').map(nftChain),
      rules: of('rule').map(nftRule),
      sets: [...of('set'), ...of('map')].map(nftSet),
    },
  }
}

export const nftables: FactCollector<'nftables'> = {
  fact: 'nftables',
  command: 'nft list ruleset',
  script: () => 'nft -j list ruleset',
  parse: ({ stdout }) => parse(stdout),
}
