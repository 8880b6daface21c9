/** The plain form of `ip link` and `ip addr`, as iproute2 without JSON and BusyBox print it. */
import { parseMac } from '../../../checks/model/address.ts'
import {
  type BridgePort,
  type Link,
  type LinkStatistics,
  takesAll,
  type VxlanAttributes,
} from '../../../checks/model/link.ts'
import { present } from '../../../checks/model/present.ts'
import { textLines, wordAfter } from '../section/rows.ts'
import type { RawLink } from './links.ts'

const HEAD = /^(\d+): ([^\s:@]+)(?:@(\S+))?: <([^>]*)> mtu (\d+)(.*)$/
const ADDRESS_LINE = /^\s+(?:inet6?|valid_lft)\s/
const COUNTER_HEAD = /^\s+(RX|TX)(?: errors)?:\s+(.*)$/

function vxlanAttributes(words: readonly string[]): VxlanAttributes {
  return present({
    vni: Number(wordAfter(words, 'id') ?? 0),
    local: wordAfter(words, 'local'),
    underlay: wordAfter(words, 'dev'),
    port: Number(wordAfter(words, 'dstport') ?? 0),
    learning: !words.includes('nolearning'),
    gbp: words.includes('gbp'),
    ttl: Number(wordAfter(words, 'ttl')) || undefined,
  })
}

/** Counters stand below a line of their names: `RX: bytes packets errors …`. */
function counters(lines: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  lines.forEach((line, at) => {
    const [, direction, names = ''] = COUNTER_HEAD.exec(line) ?? []
    if (direction === undefined) return
    const values = (lines[at + 1] ?? '').trim().split(/\s+/)
    names
      .trim()
      .split(/\s+/)
      .forEach((name, column) => {
        const value = Number(values[column])
        if (Number.isFinite(value)) found.set(`${direction} ${name}`, value)
      })
  })
  return found
}

function linkStatistics(lines: readonly string[]): LinkStatistics | undefined {
  const found = counters(lines)
  if (!found.has('RX packets')) return undefined
  return present({
    rxPackets: found.get('RX packets') ?? 0,
    txPackets: found.get('TX packets') ?? 0,
    rxErrors: found.get('RX errors') ?? 0,
    txErrors: found.get('TX errors') ?? 0,
    rxDropped: found.get('RX dropped') ?? 0,
    txDropped: found.get('TX dropped') ?? 0,
    txCarrierErrors: found.get('TX carrier'),
    rxOtherHost: found.get('RX otherhost'),
  })
}

/** `ip -d` prints the kind and its attributes on a line of their own; the bridge port's line is not it. */
function kindWords(lines: readonly string[]): readonly string[] {
  const details = lines.filter(
    (line) => !ADDRESS_LINE.test(line) && !/^\s+(?:link\/|prog\/|RX|TX|alias|\d)/.test(line),
  )
  return (
    details.map((line) => line.trim().split(/\s+/)).find(([first]) => !/_slave$|:$/.test(first ?? '')) ?? []
  )
}

/** `bridge_slave state forwarding priority 32 … learning on flood on … isolated off` */
function bridgePort(lines: readonly string[]): BridgePort | undefined {
  const words = lines.map((line) => line.trim().split(/\s+/)).find(([first]) => first === 'bridge_slave')
  const state = words && wordAfter(words, 'state')
  if (words === undefined || state === undefined) return undefined
  const is = (name: string, value: string): boolean => wordAfter(words, name) === value
  const hairpin = wordAfter(words, 'hairpin')
  return {
    ...(hairpin !== undefined && { hairpin: hairpin === 'on' }),
    state,
    learning: !is('learning', 'off'),
    flood: !is('flood', 'off'),
    isolated: is('isolated', 'on'),
    locked: is('locked', 'on'),
  }
}

/** `if7` names the index of a link in another namespace. */
function foreignIndex(lower: string | undefined): number | undefined {
  const index = /^if(\d+)$/.exec(lower ?? '')?.[1]
  return index === undefined ? undefined : Number(index)
}

interface HeadFields {
  readonly index: number
  readonly name: string
  /** What follows the `@`. */
  readonly lower?: string | undefined
  readonly flags: readonly string[]
  readonly mtu: number
  /** Words after the MTU. */
  readonly words: readonly string[]
}

function headFields(head: string): HeadFields {
  const [, index, name = '', lower, flags = '', mtu, tail = ''] = HEAD.exec(head) ?? []
  return {
    index: Number(index),
    name,
    lower,
    flags: flags.split(',').filter((flag) => flag !== ''),
    mtu: Number(mtu),
    words: tail.trim().split(/\s+/),
  }
}

function isHeldDown(words: readonly string[]): true | undefined {
  return wordAfter(words, 'protodown') === 'on' ? true : undefined
}

/** `prog/xdp id 22 …` */
function xdpProgram(lines: readonly string[]): number | undefined {
  const [, id] = /^\s+prog\/xdp id (\d+)/m.exec(lines.join('\n')) ?? []
  return id === undefined ? undefined : Number(id)
}

/** What links of one kind alone have. */
function ofKind({ words, lower }: HeadFields, details: readonly string[]): Partial<Link> {
  const [kind] = details
  return present({
    queueLength: kind === 'tun' ? Number(wordAfter(words, 'qlen') ?? 0) : undefined,
    takes: takesAll(kind, wordAfter(details, 'mode')) ? lower : undefined,
    isSpanningTree: (kind === 'bridge' && wordAfter(details, 'stp_state') === '1') || undefined,
    vxlan: kind === 'vxlan' ? vxlanAttributes(details) : undefined,
  })
}

function parseBlock(head: string, lines: readonly string[]): RawLink {
  const fields = headFields(head)
  const { index, name, lower, flags, mtu, words } = fields
  const linkWords = (lines.find((line) => /^\s+link\//.test(line)) ?? '').trim().split(/\s+/)
  const details = kindWords(lines)
  const kind = details[0]
  const link: Link = present({
    index,
    name,
    kind,
    mtu,
    ...ofKind(fields, details),
    mac: parseMac(linkWords[1] ?? ''),
    flags,
    operstate: wordAfter(words, 'state') ?? 'UNKNOWN',
    master: wordAfter(words, 'master'),
    xdp: xdpProgram(lines),
    isHeldDown: isHeldDown(linkWords),
    bridgePort: bridgePort(lines),
    peerIndex: kind === undefined || kind === 'veth' ? foreignIndex(lower) : undefined,
    peerNamespace: wordAfter(linkWords, 'link-netns'),
    statistics: linkStatistics(lines),
  })
  return present({ link, lower })
}

/** The head line and the indented lines of every link. Throws Error on a line that belongs to none. */
export function linkBlocks(text: string): readonly { readonly head: string; readonly lines: string[] }[] {
  const blocks: { head: string; lines: string[] }[] = []
  for (const line of textLines(text)) {
    if (HEAD.test(line)) blocks.push({ head: line, lines: [] })
    else if (/^\s/.test(line) && blocks.length > 0) blocks.at(-1)?.lines.push(line)
    else throw new Error(`not a line of ip link: ${line.slice(0, 80)}`)
  }
  return blocks
}

/** Name of a block's link. */
export function blockName(head: string): string {
  return HEAD.exec(head)?.[2] ?? ''
}

/** Links of a plain dump. Throws Error on text that is none. */
export function parseLinkText(text: string): readonly RawLink[] {
  return linkBlocks(text).map(({ head, lines }) => parseBlock(head, lines))
}
