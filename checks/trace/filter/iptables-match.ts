/** The match part of an iptables rule, from the words of iptables-save to conditions. */
import type { Ipsets } from '../../model/ipset.ts'
import { inIpset } from './ipset-match.ts'
import { FLAGS, FOLLOWED_MODULES, OPTIONS, reversePath } from './iptables-options.ts'
import { tcpFlags } from './iptables-value.ts'
import { type Condition, hasConnection, not, UNKNOWN } from './packet.ts'

/** What the words before the target say, and where the target starts. */
export interface Matching {
  readonly conditions: readonly Condition[]
  /** From `-j` or `-g` on; empty for a rule that only counts. */
  readonly target: readonly string[]
}

interface Cursor {
  readonly words: readonly string[]
  readonly ipsets: Ipsets | undefined
  at: number
  negated: boolean
  module: string
}

/** An option we do not follow: its values are skipped and the rule becomes uncertain. */
function skipUnfollowed(cursor: Cursor): Condition {
  cursor.at += 1
  while (cursor.at < cursor.words.length && !/^(-|!$)/.test(cursor.words[cursor.at] ?? '')) cursor.at += 1
  return UNKNOWN
}

/** What a module asks by itself. Without a connection these two match nothing, not even negated (Linux `xt_connmark.c`, `xt_conntrack.c`). */
function ofModule({ words }: Cursor, module: string): Condition | undefined {
  const isOfConnection = module === 'connmark' || (module === 'conntrack' && !words.includes('--ctstate'))
  if (isOfConnection) return hasConnection
  return FOLLOWED_MODULES.has(module) ? undefined : UNKNOWN
}

function rpfilter(cursor: Cursor): Condition {
  const flags = cursor.words
    .slice(cursor.at)
    .filter((flag) => /^--(loose|invert|validmark|accept-local)$/.test(flag))
  cursor.at += flags.length
  const isStraight = reversePath(flags.includes('--loose'))
  return flags.includes('--invert') ? (packet, mark) => not(isStraight(packet, mark)) : isStraight
}

/** Options with two values, and the module that is a condition by itself. */
function longCondition(cursor: Cursor, word: string): Condition | undefined {
  const [first = '', second = ''] = cursor.words.slice(cursor.at + 1, cursor.at + 3)
  if (word === '--tcp-flags' || word === '--match-set') {
    cursor.at += 3
    return word === '--tcp-flags' ? tcpFlags(first, second) : inIpset(first, second, cursor.ipsets)
  }
  if (word !== '-m') return undefined
  cursor.module = first
  cursor.at += 2
  return first === 'rpfilter' ? rpfilter(cursor) : ofModule(cursor, first)
}

/** The condition of the option under the cursor, which moves past it; undefined for words without one. */
function nextCondition(cursor: Cursor): Condition | undefined {
  const word = cursor.words[cursor.at] ?? ''
  if (word === '!') {
    cursor.negated = true
    cursor.at += 1
    return undefined
  }
  const before = cursor.at
  const long = longCondition(cursor, word)
  if (cursor.at > before) return long
  const flag = FLAGS[word]
  if (flag !== undefined) {
    cursor.at += 1
    return flag
  }
  const fromValue = OPTIONS[`${cursor.module} ${word}`] ?? OPTIONS[word]
  if (fromValue === undefined) return skipUnfollowed(cursor)
  cursor.at += 2
  return fromValue(cursor.words[cursor.at - 1] ?? '')
}

/**
 * Reads the words of a rule after `-A CHAIN`. Whatever is not followed becomes a condition of unknown answer, and
 * so does a set of the kernel that was not read.
 */
export function parseMatching(words: readonly string[], ipsets?: Ipsets): Matching {
  const conditions: Condition[] = []
  const cursor: Cursor = { words, ipsets, at: 0, negated: false, module: '' }
  while (cursor.at < words.length && words[cursor.at] !== '-j' && words[cursor.at] !== '-g') {
    const condition = nextCondition(cursor)
    if (condition === undefined) continue
    const { negated } = cursor
    conditions.push(negated ? (packet, seen) => not(condition(packet, seen)) : condition)
    cursor.negated = false
  }
  return { conditions, target: words.slice(cursor.at) }
}
