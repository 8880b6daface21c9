/**
 * The text of `nft list ruleset` as the list that `nft -j list ruleset` prints (libnftables-json(5)), for an nft
 * that was built without JSON. What is not read stays as `unread`, a condition that nobody can judge.
 */

import { present } from '../../../checks/model/present.ts'
import type { Row } from '../section/rows.ts'
import { nftTokens, readElements, readRule } from './nftables-text-rule.ts'

/** Standard priorities by name (nft(8), "STANDARD PRIORITY NAMES"); bridge has numbers of its own. */
const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
}
const BRIDGE_PRIORITIES: Readonly<Record<string, number>> = {
  dstnat: -300,
  filter: -200,
  out: 100,
  srcnat: 300,
}

/** Where the reader stands. */
interface TableName {
  readonly family: string
  readonly table: string
}

function priority(text: string, family: string): number | undefined {
  const [, word = '', sign, offset = '0'] = /^(-?\w+)(?: ([+-]) (\d+))?$/.exec(text.trim()) ?? []
  const names = family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES
  const base = /^-?\d+$/.test(word) ? Number(word) : Object.hasOwn(names, word) ? names[word] : undefined
  return base === undefined ? undefined : base + (sign === '-' ? -1 : 1) * Number(offset)
}

/** `type filter hook forward device "lo" priority filter; policy drop;` */
function baseOf(line: string, family: string): Row | undefined {
  const [, type, hook, devices = '', prio = ''] =
    /^type (\w+) hook (\w+)(.*?) priority ([^;]+);/.exec(line) ?? []
  if (type === undefined) return undefined
  const links = [...devices.replace(/^ devices? (?:= )?/, '').matchAll(/[^\s"{},]+/g)].map(([name]) => name)
  const policy = /policy (\w+);/.exec(line)?.[1]
  return {
    type,
    hook,
    prio: priority(prio, family),
    ...present({ policy }),
    ...(links.length > 0 && { dev: links }),
  }
}

/** Lines with the braces of a value that goes over several of them joined; the blocks themselves open at a line's end. */
function* logicalLines(text: string): Generator<string> {
  let open = ''
  for (const raw of text.split('\n')) {
    const line = open === '' ? raw.trim() : `${open} ${raw.trim()}`
    const isValue = /^elements = \{/.test(line)
    if (isValue && !line.includes('}')) open = line
    else {
      open = ''
      if (line !== '') yield line
    }
  }
  if (open !== '') throw new Error(`the ruleset ends inside ${open.slice(0, 60)}`)
}

interface Reader {
  readonly entries: Row[]
  place: TableName | undefined
  /** The block inside the table: its kind and its row, which later lines complete. */
  block: { readonly kind: string; readonly row: Record<string, unknown> } | undefined
}

const BLOCK = /^([a-z]+(?: [a-z]+)?) ("?[^\s"]+"?) \{(?: # handle (\d+))?$/

function openBlock(reader: Reader, line: string): boolean {
  const [, table, named] = /^table (\w+) (\S+) \{/.exec(line) ?? []
  if (reader.place === undefined && table !== undefined && named !== undefined) {
    reader.place = { family: table, table: named }
    reader.entries.push({ table: { family: table, name: named } })
    return true
  }
  const [, kind, name] = BLOCK.exec(line) ?? []
  if (reader.place === undefined || reader.block !== undefined || kind === undefined) return false
  reader.block = { kind, row: { ...reader.place, name } }
  reader.entries.push({ [kind]: reader.block.row })
  return true
}

function readInBlock({ entries, place, block }: Reader, line: string): void {
  if (block === undefined || place === undefined) return
  if (block.kind !== 'chain') {
    const elements = /^elements = \{(.*)\}$/s.exec(line)?.[1]
    if (elements !== undefined) block.row.elem = readElements(nftTokens(elements))
    return
  }
  const base = baseOf(line, place.family)
  if (base !== undefined) Object.assign(block.row, base)
  else if (!/^(policy \w+;|comment ".*";?)$/.test(line)) {
    entries.push({ rule: { ...place, chain: block.row.name, ...readRule(line) } })
  }
}

function closeBlock(reader: Reader): void {
  if (reader.block !== undefined) reader.block = undefined
  else if (reader.place !== undefined) reader.place = undefined
  else throw new Error('a } without its block in the ruleset')
}

function readLine(reader: Reader, line: string): void {
  if (line === '}') closeBlock(reader)
  else if (!openBlock(reader, line)) {
    if (reader.place === undefined) throw new Error(`not a line of nft list ruleset: ${line.slice(0, 80)}`)
    readInBlock(reader, line)
  }
}

/** The entries of a ruleset's text. Throws Error when it is no ruleset. */
export function nftEntriesFromText(text: string): readonly Row[] {
  const reader: Reader = { entries: [], place: undefined, block: undefined }
  for (const line of logicalLines(text)) if (!line.startsWith('#')) readLine(reader, line)
  if (reader.place !== undefined) throw new Error(`the ruleset ends inside table ${reader.place.table}`)
  return reader.entries
}
