/** Policy rules: `ip rule`. */

import { present } from '../../../checks/model/present.ts'
import type { PolicyRule } from '../../../checks/model/route.ts'
import { numberField, parseRows, type Row, textField, textLines } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'

const OWN_FIELDS = new Set([
  'priority',
  'src',
  'srclen',
  'dst',
  'dstlen',
  'table',
  'protocol',
  'flags',
  'fwmask',
])
/** JSON names that differ from the words of the command line. */
const WORDS: ReadonlyMap<string, string> = new Map([['suppress_prefixlen', 'suppress_prefixlength']])

function prefixText(row: Row, address: string, length: string): string | undefined {
  const text = textField(row, address)
  const bits = numberField(row, length)
  return text === undefined || bits === undefined ? text : `${text}/${bits}`
}

function otherWord(row: Row, name: string): string {
  const value = row[name]
  if (name === 'action') return String(value)
  if (name === 'fwmark' && row.fwmask !== undefined) return `fwmark ${String(value)}/${String(row.fwmask)}`
  return value === null ? name : `${WORDS.get(name) ?? name} ${String(value)}`
}

function ruleFromRow(row: Row): PolicyRule {
  return present({
    priority: numberField(row, 'priority') ?? 0,
    from: prefixText(row, 'src', 'srclen') ?? 'all',
    to: prefixText(row, 'dst', 'dstlen'),
    table: textField(row, 'table'),
    other: Object.keys(row)
      .filter((name) => !OWN_FIELDS.has(name))
      .map((name) => otherWord(row, name)),
  })
}

/** Policy rules of JSON rows. */
export function rulesFromRows(rows: readonly Row[]): readonly PolicyRule[] {
  return rows.map(ruleFromRow)
}

/** Words of a rule that carry no value. */
const LONE = new Set([
  'not',
  'blackhole',
  'unreachable',
  'prohibit',
  'nop',
  '[detached]',
  '[unresolved]',
  'l3mdev',
])

/** `key value` pairs and lone words of a rule, in their order. */
function rulePairs(tail: string): readonly (readonly [key: string, value?: string])[] {
  const words = tail.trim().split(/\s+/)
  const pairs: (readonly [string, string?])[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (LONE.has(word)) pairs.push([word])
    else {
      at += 1
      pairs.push([word === 'table' ? 'lookup' : word, words[at] ?? ''])
    }
  }
  return pairs
}

const NAMED = new Set(['from', 'to', 'lookup', 'proto'])

function ruleFromLine(line: string): PolicyRule {
  const [, priority, tail = ''] = /^(\d+):\s+(.*)$/.exec(line) ?? []
  if (priority === undefined) throw new Error(`not a line of ip rule: ${line.slice(0, 80)}`)
  const pairs = rulePairs(tail)
  const named = new Map(pairs.filter(([key]) => NAMED.has(key)).map(([key, value = '']) => [key, value]))
  return present({
    priority: Number(priority),
    from: named.get('from') ?? 'all',
    to: named.get('to'),
    table: named.get('lookup'),
    other: pairs.filter(([key]) => !NAMED.has(key)).map((pair) => pair.join(' ')),
  })
}

/** Policy rules of the plain form, of either family. Throws Error on other text. */
export function rulesFromText(lines: readonly string[]): readonly PolicyRule[] {
  return lines.map(ruleFromLine)
}

export const rules: FactCollector<'rules'> = {
  fact: 'rules',
  command: 'ip rule show',
  script: () => 'ip -j rule show 2>/dev/null || ip rule show',
  parse: ({ stdout }) => {
    const rows = parseRows(stdout)
    return { value: rows ? rulesFromRows(rows) : rulesFromText(textLines(stdout)) }
  },
}
