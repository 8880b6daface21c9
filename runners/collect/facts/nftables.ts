/** Native nftables, and the tables that iptables-nft keeps there: `nft -j list ruleset`. */
import type { Nftables, NftChain, NftRule, NftSet } from '../../../checks/model/netfilter.ts'
import { present } from '../../../checks/model/present.ts'
import { isRow, numberField, type Row, rowField, rowsField, textField } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'
import { parsedOnce } from '../section/text-once.ts'
import { nftEntriesFromText } from './nftables-text.ts'

function list(row: Row, name: string): readonly unknown[] {
  const value = row[name]
  return Array.isArray(value) ? value : []
}

function place(row: Row): { readonly family: string; readonly table: string } {
  return { family: textField(row, 'family') ?? '', table: textField(row, 'table') ?? '' }
}

/** A chain of netdev, or of inet at ingress, names one link, or several as a list. */
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

const rules = new WeakMap<Row, NftRule>()

/** The rule of an entry; of one that hosts share the same object. */
function ruleOf(entry: Row): NftRule {
  const rule = rules.get(entry) ?? nftRule(rowField(entry, 'rule'))
  rules.set(entry, rule)
  return rule
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

/** Links of the chains that have any, by family, table and chain, from the text form: the JSON of nft before v1.0.8 leaves them out. */
function linksByChain(text: string): ReadonlyMap<string, string> {
  const links = new Map<string, string>()
  let [table, chain] = ['', '']
  for (const line of text.split('\n')) {
    table = /^table ((?:netdev|inet) \S+) \{/.exec(line)?.[1] ?? table
    chain = /^\s+chain (\S+) \{/.exec(line)?.[1] ?? chain
    const [, devices] = /^\s+type .*\bdevices? (?:= )?(.*?) priority /.exec(line) ?? []
    const names = [...(devices ?? '').matchAll(/[^\s"{},]+/g)].map(([name]) => name)
    if (names.length > 0) links.set(`${table} ${chain}`, names.join(','))
  }
  return links
}

function withLink(chain: NftChain, links: ReadonlyMap<string, string>): NftChain {
  const link = links.get(`${chain.family} ${chain.table} ${chain.name}`)
  return chain.link !== undefined || link === undefined ? chain : { ...chain, link }
}

function modelOf(entries: readonly Row[], links: ReadonlyMap<string, string>): Nftables {
  const of = (kind: string): readonly Row[] =>
    entries.filter((entry) => kind in entry).map((entry) => rowField(entry, kind))
  return {
    tables: of('table').map((row) => ({ family: place(row).family, name: textField(row, 'name') ?? '' })),
    chains: of('chain').map((row) => withLink(nftChain(row), links)),
    rules: entries.filter((entry) => 'rule' in entry).map(ruleOf),
    sets: [...of('set'), ...of('map')].map(nftSet),
  }
}

const FIRST = '{"nftables": ['
const LAST = ']}'
/** Where an entry ends as nft prints them. */
const BETWEEN = /, (?=\{"(?:table|chain|rule|set|map)": \{"family": ")/
const entryOf = parsedOnce((text): unknown => JSON.parse(text))

/**
 * The entries one by one, those that hosts have in common parsed once; undefined where they cannot be told apart, as some
 * part is no value. Parts that are all values make up the very list.
 */
function sharedEntries(text: string): readonly Row[] | undefined {
  const trimmed = text.trim()
  if (!trimmed.startsWith(FIRST) || !trimmed.endsWith(LAST)) return undefined
  try {
    return trimmed.slice(FIRST.length, -LAST.length).split(BETWEEN).map(entryOf).filter(isRow)
  } catch {
    return undefined
  }
}

function parse(stdout: string): Parsed<Nftables> {
  if (!/^\s*[[{]/.test(stdout)) return { value: modelOf(nftEntriesFromText(stdout), new Map()) }
  const end = stdout.search(/^table (?:netdev|inet) /m)
  const text = end < 0 ? stdout : stdout.slice(0, end)
  const links = linksByChain(end < 0 ? '' : stdout.slice(end))
  const shared = sharedEntries(text)
  if (shared !== undefined) return { value: modelOf(shared, links) }
  const document = JSON.parse(text) as unknown
  if (typeof document !== 'object' || document === null || !('nftables' in document)) {
    return { problem: { why: 'unparsable', detail: 'expected an object with the key "nftables"' } }
  }
  return { value: modelOf(rowsField(document as Row, 'nftables'), links) }
}

/** The ruleset in any form; throws Error on text that is none. */
export function nftablesFrom(text: string): Nftables {
  const parsed = parse(text)
  if ('problem' in parsed) throw new Error(parsed.problem.detail)
  return parsed.value
}

/** An nft without JSON says so and ends with an error of its own; its text carries the same. */
const SCRIPT = `nft -j list ruleset || {
  status=$?
  [ "$status" != 127 ] || exit 127
  nft -a list ruleset 2>/dev/null || exit "$status"
  exit 0
}
nft list chains netdev 2>/dev/null
shown=$(nft list chains inet 2>/dev/null)
case $shown in *' hook ingress '*|*' hook egress '*) printf '%s\n' "$shown" ;; esac
exit 0`

export const nftables: FactCollector<'nftables'> = {
  fact: 'nftables',
  command: 'nft list ruleset',
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
