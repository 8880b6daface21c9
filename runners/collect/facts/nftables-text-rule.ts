/** One rule of `nft list ruleset` as the statements that `nft -j` prints (libnftables-json(5)). */
import { present } from '../../../checks/model/present.ts'
import type { Row } from '../section/rows.ts'
import { type Cursor, readLeft, readOperand, readValue } from './nftables-text-expression.ts'

/** Words of a rule: quoted texts whole, braces and the commas of a set by themselves. */
export function nftTokens(text: string): readonly string[] {
  return text.match(/"[^"]*"|[{}]|,(?=\s|$)|[^\s{},"]+(?:,[^\s{},"]+)*/g) ?? []
}

function unquoted(word: string | undefined): string {
  return (word ?? '').replaceAll('"', '')
}

/** Takes the words that follow as long as `take` knows them. */
function options(cursor: Cursor, names: ReadonlySet<string>): Row {
  const found: Record<string, unknown> = {}
  while (names.has(cursor.peek() ?? '')) {
    const name = cursor.next() as string
    const value = cursor.next()
    found[name] = /^\d+$/.test(value ?? '') ? Number(value) : unquoted(value)
  }
  return found
}

const COUNTER_WORDS = new Set(['packets', 'bytes', 'name'])
const LOG_WORDS = new Set(['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags'])
const NAT_FLAGS = new Set(['random', 'fully-random', 'persistent'])

function limit(cursor: Cursor): Row | undefined {
  if (cursor.next() !== 'rate') return undefined
  const isOver = cursor.take('over')
  const [, rate, per] = /^(\d+)\/(\w+)$/.exec(cursor.next() ?? '') ?? []
  if (rate === undefined) return undefined
  const burst = cursor.take('burst') ? Number(cursor.next()) : undefined
  if (burst !== undefined) cursor.next()
  return { limit: present({ rate: Number(rate), burst, per, inv: isOver ? true : undefined }) }
}

function reject(cursor: Cursor): Row {
  if (!cursor.take('with')) return { reject: null }
  const type = cursor.next()
  if (type === 'tcp') return { reject: { type: `tcp ${cursor.next()}` } }
  cursor.take('type')
  return { reject: { type, expr: cursor.next() } }
}

/** `1.2.3.4:80`, `:8080`, `5.6.7.8:1000-2000`. */
function natTarget(word: string): Row {
  const [, addr, port] = /^([^:]*)(?::([\d-]+))?$/.exec(word) ?? []
  return present({
    addr: addr === '' || addr === undefined ? undefined : readValue(addr),
    port: port === undefined ? undefined : readValue(port),
  })
}

function nat(cursor: Cursor, keyword: string): Row {
  if (cursor.peek() === 'ip' || cursor.peek() === 'ip6') cursor.next()
  const target = cursor.take('to') ? natTarget(cursor.next() ?? '') : {}
  const flags = (cursor.peek() ?? '').split(',')
  if (!flags.every((flag) => NAT_FLAGS.has(flag))) {
    return { [keyword]: Object.keys(target).length === 0 ? null : target }
  }
  cursor.next()
  return { [keyword]: { ...target, flags: flags.length === 1 ? flags[0] : flags } }
}

type Reading = (cursor: Cursor, keyword: string) => Row | undefined

const plain: Reading = (_, keyword) => ({ [keyword]: null })
const jump: Reading = (cursor, keyword) => ({ [keyword]: { target: cursor.next() } })

const STATEMENTS = new Map<string, Reading>([
  ...['accept', 'drop', 'continue', 'return', 'notrack'].map((word): [string, Reading] => [word, plain]),
  ...['jump', 'goto'].map((word): [string, Reading] => [word, jump]),
  ...['masquerade', 'snat', 'dnat', 'redirect'].map((word): [string, Reading] => [word, nat]),
  [
    'counter',
    (cursor) => {
      const found = options(cursor, COUNTER_WORDS)
      return { counter: found.name ?? found }
    },
  ],
  ['log', (cursor) => ({ log: options(cursor, LOG_WORDS) })],
  ['limit', limit],
  ['reject', reject],
  ['xt', (cursor) => ({ xt: { type: cursor.next(), name: unquoted(cursor.next()) } })],
])

const OPERATORS = new Set(['==', '!=', '<', '>', '<=', '>='])
/** Left sides whose values are flags: without an operator any of them will do (nft(8), "bitmask"). */
function isBitmask(left: unknown): boolean {
  const { ct, payload } = left as { ct?: { key?: string }; payload?: { protocol?: string; field?: string } }
  return (
    ct?.key === 'state' || ct?.key === 'status' || (payload?.protocol === 'tcp' && payload.field === 'flags')
  )
}

function compare(cursor: Cursor, left: unknown): Row | undefined {
  const operator = OPERATORS.has(cursor.peek() ?? '') ? cursor.next() : undefined
  const right = readOperand(cursor)
  if (right === undefined) return undefined
  // `tcp flags syn / syn,rst` is the newer writing of `tcp flags & (syn | rst) == syn`.
  if (cursor.take('/')) {
    return { match: { op: operator ?? '==', left: { '&': [left, readOperand(cursor)] }, right } }
  }
  return { match: { op: operator ?? (isBitmask(left) ? 'in' : '=='), left, right } }
}

function match(cursor: Cursor): Row | undefined {
  const left = readLeft(cursor)
  if (left === undefined) return undefined
  if (cursor.take('vmap')) return { vmap: { key: left, data: readOperand(cursor) } }
  if (!cursor.take('set')) return compare(cursor, left)
  return { mangle: { key: left, value: readLeft(cursor) ?? readOperand(cursor) } }
}

/** Elements of a set or map that was printed between braces. */
export function readElements(tokens: readonly string[]): readonly unknown[] {
  const set = readOperand(cursorOf(['{', ...tokens, '}'])) as
    | { readonly set?: readonly unknown[] }
    | undefined
  return set?.set ?? []
}

function cursorOf(tokens: readonly string[]): Cursor {
  let at = 0
  return {
    peek: () => tokens[at],
    next: () => tokens[at++],
    take: (word) => tokens[at] === word && at++ >= 0,
    rest: () => tokens.slice(at).join(' '),
  }
}

const VERDICTS = /(?:^| )(accept|drop|return|continue|(?:jump|goto) \S+)$/

/** What is not followed: a condition without an answer, and the verdict where the rule ends with one. */
function unread(text: string): readonly Row[] {
  const [keyword, target] = VERDICTS.exec(text)?.[1]?.split(' ') ?? []
  if (keyword === undefined) return [{ unread: { text } }, { xt: { type: 'target', name: 'unread' } }]
  return [{ unread: { text } }, { [keyword]: target === undefined ? null : { target } }]
}

/** Handle, comment and statements of one printed rule. */
export function readRule(line: string): Row {
  const [, text = line, handle, comment] = splitRule(line)
  const cursor = cursorOf(nftTokens(text))
  const expr: Row[] = []
  for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
    const rest = cursor.rest()
    const reading = STATEMENTS.get(word)
    if (reading !== undefined) cursor.next()
    const statement = reading === undefined ? match(cursor) : reading(cursor, word)
    if (statement === undefined) {
      expr.push(...unread(rest))
      break
    }
    expr.push(statement)
  }
  return present({ handle: handle === undefined ? undefined : Number(handle), comment, expr })
}

/** Text, handle and comment; each of the last two may be missing. */
function splitRule(line: string): readonly (string | undefined)[] {
  const [, rule = line, handle] = /^(.*?)(?: # handle (\d+))?$/s.exec(line) ?? []
  const [, text = rule, comment] = /^(.*?)(?: comment "([^"]*)")?$/s.exec(rule) ?? []
  return [line, text, handle, comment]
}
