/**
 * Rules of a table that iptables-save does not print, since one of them is more than iptables can say: those that iptables
 * can say, in its words, from what nft shows of them.
 */
import { parsePrefix } from '../../model/address.ts'
import type { Iptables, Nftables, NftRule } from '../../model/netfilter.ts'
import { isNative } from './iptables-in-nft.ts'
import { ruleText } from './nft-text.ts'
import { asObject } from './nft-value.ts'

/** What a statement adds to a rule: the options that iptables-save prints first, in its order, and what follows. */
interface Words {
  readonly options?: Readonly<Partial<Record<Option, readonly string[]>>>
  readonly rest?: readonly string[]
}

const OPTIONS = ['-s', '-d', '-i', '-o'] as const
type Option = (typeof OPTIONS)[number]

const FIELDS: Readonly<Record<string, Option>> = { saddr: '-s', daddr: '-d', iifname: '-i', oifname: '-o' }
const VERDICTS: Readonly<Record<string, string>> = {
  accept: 'ACCEPT',
  drop: 'DROP',
  return: 'RETURN',
  masquerade: 'MASQUERADE',
}

function addressText(right: unknown): string | undefined {
  const { addr, len } = asObject(asObject(right)?.prefix) ?? { addr: right, len: 32 }
  const text = `${addr}/${len}`
  return parsePrefix(text) && text
}

function hex(value: unknown): string | undefined {
  return typeof value === 'number' ? `0x${value.toString(16)}` : undefined
}

/** `meta mark & MASK == VALUE`. */
function markWords({ left, right, op }: Readonly<Record<string, unknown>>): Words | undefined {
  const both = asObject(left)?.['&']
  const [meta, mask] = Array.isArray(both) ? both : [left, 0xffffffff]
  const [value, bits] = [hex(right), hex(mask)]
  if (asObject(asObject(meta)?.meta)?.key !== 'mark' || value === undefined || bits === undefined)
    return undefined
  const not = op === '!=' ? ['!'] : []
  return { rest: ['-m', 'mark', ...not, '--mark', bits === '0xffffffff' ? value : `${value}/${bits}`] }
}

function matchWords(match: Readonly<Record<string, unknown>>): Words | undefined {
  const left = asObject(match.left) ?? {}
  const payload = asObject(left.payload)
  const field = payload?.protocol === 'ip' ? payload.field : asObject(left.meta)?.key
  const option = FIELDS[String(field)]
  if (option === undefined) return markWords(match)
  const value = payload ? addressText(match.right) : match.right
  if (typeof value !== 'string') return undefined
  return { options: { [option]: [...(match.op === '!=' ? ['!'] : []), option, value] } }
}

/** An extension without options that matter: nft does not show them. */
function extensionWords({ type, name }: Readonly<Record<string, unknown>>): Words | undefined {
  if (type === 'match' && name === 'comment') return {}
  return type === 'target' && name === 'MASQUERADE' ? { rest: ['-j', name] } : undefined
}

function statementWords([keyword, argument]: readonly [string, unknown]): Words | undefined {
  const value = asObject(argument) ?? {}
  if (keyword === 'counter') return {}
  if (keyword === 'match') return matchWords(value)
  if (keyword === 'xt') return extensionWords(value)
  if (keyword === 'jump') return { rest: ['-j', String(value.target)] }
  const target = VERDICTS[keyword]
  return target === undefined ? undefined : { rest: ['-j', target] }
}

function wordsOf({ expressions }: NftRule): readonly string[] | undefined {
  const parts = expressions.flatMap((one) => Object.entries(asObject(one) ?? {})).map(statementWords)
  if (parts.includes(undefined)) return undefined
  const options = Object.assign({}, ...parts.map((part) => part?.options)) as NonNullable<Words['options']>
  return [...OPTIONS.flatMap((option) => options[option] ?? []), ...parts.flatMap((part) => part?.rest ?? [])]
}

/** A rule of such a table as iptables would print it, and its handle, by which nft deletes it. */
export interface UnprintedRule {
  readonly table: string
  readonly chain: string
  readonly words: readonly string[]
  readonly text: string
  readonly handle: number
}

/** The rules of unprinted tables, and what keeps us from knowing all of them. */
export function unprintedRules(
  { unprinted = [] }: Iptables,
  nftables: Nftables | undefined,
): { readonly rules: readonly UnprintedRule[]; readonly unread: readonly string[] } {
  const own =
    nftables?.rules.filter(({ family, table }) => family === 'ip' && unprinted.includes(table)) ?? []
  const read = own.map((rule) => ({ rule, words: wordsOf(rule) }))
  const unsaid = read.filter(({ rule, words }) => words === undefined && !isNative(rule))
  return {
    rules: read.flatMap(({ rule: { table, chain, handle, expressions }, words }) =>
      words === undefined ? [] : [{ table, chain, words, text: ruleText(expressions), handle }],
    ),
    unread: [
      ...(nftables === undefined
        ? unprinted.map((table) => `iptables-save does not print table ${table}`)
        : []),
      ...unsaid.map(({ rule }) => `in words of iptables this rule is unknown: ${ruleText(rule.expressions)}`),
    ],
  }
}
