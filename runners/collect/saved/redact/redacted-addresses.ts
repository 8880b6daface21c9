/** IPv4, IPv6 and MAC addresses in texts, each replaced by the same other one wherever it stands. */
import { createHmac } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { formatAddress, parseAddress } from '../../../../checks/model/address.ts'
import { type BitPrefix, scrambler } from './scrambled-bits.ts'

const IPV4 = /(?<![\w.])(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}(?!\w|\.\d)/g
/** The handle of a u32 filter looks like one (tc-u32(8)): `fh 800::800`. */
const IPV6 = /(?<![\w:.]|\bfh |"fh": ?")(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])/gi
/** Source and destination as u32 filters match them, which stand at these offsets of an IPv4 header (RFC 791). */
const WORD4 = /(?<=\bmatch )([\da-f]{8})\/([\da-f]{8})(?= at (?:12|16)\b)/g
const MAC = /(?<![\w:])[\da-f]{2}(?::[\da-f]{2}){5}(?![\w:])/gi
const PREFIX4 = /((?:\d{1,3}\.){3}\d{1,3})[/-](\d{1,2})(?![\d.])/g
const PREFIX6 = /([\da-f:]*::?[\da-f:]*)\/(\d{1,3})(?!\d)/gi
/** `ip -j address` and nftables' JSON keep the length beside the address. */
const LENGTH_BESIDE = /"(?:local|addr)": ?"([\d.]+)",[^{}]{0,200}?"(?:prefixlen|len)": ?(\d+)/g
const RANGE4 =
  /(?:"range": ?\[\s*")?((?:\d{1,3}\.){3}\d{1,3})(?:-|(?<="range": ?\[\s*"[\d.]+)",\s*")((?:\d{1,3}\.){3}\d{1,3})/g
/** flannel's network, as etcd and subnet.env have it. */
const NETWORK = /(?:Network\\*"\s*:\s*\\*"|FLANNEL_NETWORK=)([\d.]+)\/(\d+)/g

function bits4(text: string): bigint | undefined {
  const address = parseAddress(text)
  return address === undefined ? undefined : BigInt(address)
}

function bits6(text: string): bigint | undefined {
  if (!isIPv6(text) || text.includes('.')) return undefined
  const [head = '', tail] = text.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)]
  const middle = Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...middle, ...after].reduce((bits, group) => bits * 65_536n + BigInt(`0x${group}`), 0n)
}

/** As the kernel prints it (RFC 5952). */
function text6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bits >> BigInt(112 - 16 * at)) & 65_535n).toString(16),
  )
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

const prefix4 = (text: string, length: number): BitPrefix => ({ bits: bits4(text) ?? 0n, length })
const prefix6 = (text: string, length: number): BitPrefix => ({ bits: bits6(text) ?? 0n, length })

const MEANINGFUL4 = [
  prefix4('10.0.0.0', 8),
  prefix4('172.16.0.0', 12),
  prefix4('192.168.0.0', 16),
  prefix4('100.64.0.0', 10),
]
/** This network, loopback, link-local, multicast and what lies behind it, netmasks among them. */
const UNTOUCHED4 = [
  prefix4('0.0.0.0', 8),
  prefix4('127.0.0.0', 8),
  prefix4('169.254.0.0', 16),
  prefix4('224.0.0.0', 3),
]
const MEANINGFUL6 = [prefix6('fc00::', 7), prefix6('2000::', 3), prefix6('fe80::', 64)]
const UNTOUCHED6 = [prefix6('::', 8), prefix6('ff00::', 8)]

/** A range that shares less is none of addresses beside each other. */
const LEAST_SHARED = 8

function prefixes(texts: readonly string[], pattern: RegExp, make: typeof prefix4): readonly BitPrefix[] {
  const found = texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => `${match[1]}/${match[2]}`))
  return [...new Set(found)].map((each) => {
    const [address = '', length] = each.split('/')
    return make(address, Number(length))
  })
}

/** What both ends of a range have in common: within it addresses are compared by size. */
function ranges(texts: readonly string[]): readonly BitPrefix[] {
  return texts.flatMap((text) =>
    [...text.matchAll(RANGE4)].flatMap(([, from = '', to = '']) => {
      const [first, last] = [bits4(from), bits4(to)]
      if (first === undefined || last === undefined) return []
      const differing = (first ^ last).toString(2).length
      const length = first === last ? 32 : 32 - differing
      return length < LEAST_SHARED ? [] : [{ bits: first, length }]
    }),
  )
}

function mac(key: Uint8Array, text: string): string {
  const bytes = text.toLowerCase().split(':')
  const hash = createHmac('sha256', key)
    .update(`mac ${bytes.join(':')}`)
    .digest('hex')
  const isSolicited = bytes.slice(0, 3).join(':') === '33:33:ff'
  const isGroup = (Number.parseInt(bytes[0] ?? '', 16) & 1) === 1
  if ((isGroup || /^(00:?)+$/.test(text)) && !isSolicited) return text
  const kept = isSolicited ? 3 : 1
  return bytes.map((byte, at) => (at < kept ? byte : hash.slice(2 * at, 2 * at + 2))).join(':')
}

/** The group of all who have the last 24 bits in common (RFC 4291, 2.7.1). */
const SOLICITED = bits6('ff02::1:ff00:0') ?? 0n
const LAST24 = 0xff_ffffn

function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const made = make(text)
    known.set(text, made)
    return made
  }
}

/** A function that replaces addresses in a text; `texts` are all that belong together. */
export function addressRedactor(key: Uint8Array, texts: readonly string[]): (text: string) => string {
  const four = scrambler(key, {
    width: 32,
    keptFrom: 24,
    meaningful: MEANINGFUL4,
    untouched: UNTOUCHED4,
    named: [...prefixes(texts, PREFIX4, prefix4), ...prefixes(texts, LENGTH_BESIDE, prefix4)],
    counted: [...prefixes(texts, NETWORK, prefix4), ...ranges(texts)],
  })
  const six = scrambler(key, {
    width: 128,
    keptFrom: 128,
    meaningful: MEANINGFUL6,
    untouched: UNTOUCHED6,
    named: prefixes(texts, PREFIX6, prefix6),
    counted: [],
  })
  const of4 = remembered((text) => {
    const bits = bits4(text)
    return bits === undefined ? text : formatAddress(Number(four(bits)))
  })
  const of6 = remembered((text) => {
    const bits = bits6(text)
    if (bits === undefined) return text
    const isSolicited = bits >> 24n === SOLICITED >> 24n
    return text6(isSolicited ? SOLICITED | (six((1n << 127n) | (bits & LAST24)) & LAST24) : six(bits))
  })
  const ofWord = (_: string, word: string, mask: string): string => {
    const bits = (Number(four(BigInt(`0x${word}`))) & Number.parseInt(mask, 16)) >>> 0
    return `${bits.toString(16).padStart(8, '0')}/${mask}`
  }
  const ofMac = remembered((text) => mac(key, text))
  return (text) => text.replace(MAC, ofMac).replace(IPV6, of6).replace(IPV4, of4).replace(WORD4, ofWord)
}
