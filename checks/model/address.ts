/**
 * IPv4 addresses and prefixes as unsigned 32-bit numbers, so that containment
 * and overlap are one comparison each, and the text forms of both.
 * IPv6 values stay text: no expected state is computed from them yet.
 */

/** An IPv4 prefix. `address` keeps host bits: `10.1.7.1/24` is a valid value. */
export interface Prefix {
  readonly address: number
  readonly length: number
}

const ZERO = '0'.charCodeAt(0)
const DOT = '.'.charCodeAt(0) - ZERO
const OCTET = /^(0|[1-9]\d{0,2})$/

/** An octet with one more digit, -1 before the first; undefined where it is none any more. */
function octetWith(octet: number, digit: number): number | undefined {
  if (digit < 0 || digit > 9 || octet === 0) return undefined
  const longer = octet < 0 ? digit : octet * 10 + digit
  return longer > 255 ? undefined : longer
}

/** Dotted quad to number; undefined for anything else (leading zeros included). Read by character, for walks ask it often. */
export function parseAddress(text: string): number | undefined {
  let value = 0
  let octet = -1
  let dots = 0
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO
    if (digit === DOT && octet >= 0 && dots < 3) {
      value = value * 256 + octet
      octet = -1
      dots += 1
      continue
    }
    const longer = octetWith(octet, digit)
    if (longer === undefined) return undefined
    octet = longer
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined
}

/** Number to dotted quad. */
export function formatAddress(address: number): string {
  return `${(address >>> 24) & 255}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/** The netmask of a prefix length (0 to 32) as a number. */
export function netmask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0
}

/** `a.b.c.d/len` or a bare address (taken as /32); undefined when malformed. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = '', bits = '32', ...rest] = text.split('/')
  const address = parseAddress(host)
  if (address === undefined || rest.length > 0 || !OCTET.test(bits) || Number(bits) > 32) return undefined
  return { address, length: Number(bits) }
}

/** Prefix to `a.b.c.d/len`, host bits kept. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`
}

/** The first address of a prefix, the one flannel puts on its own link. */
export function networkAddress(prefix: Prefix): number {
  return (prefix.address & netmask(prefix.length)) >>> 0
}

/** The prefix with its host bits cleared. */
export function maskPrefix(prefix: Prefix): Prefix {
  return { address: networkAddress(prefix), length: prefix.length }
}

/** The last address of a prefix. */
export function lastAddress(prefix: Prefix): number {
  return (networkAddress(prefix) | ~netmask(prefix.length)) >>> 0
}

/** True when `address` lies inside `prefix`. */
export function containsAddress(prefix: Prefix, address: number): boolean {
  return (address & netmask(prefix.length)) >>> 0 === networkAddress(prefix)
}

/** True when every address of `inner` lies inside `outer`. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return inner.length >= outer.length && containsAddress(outer, inner.address)
}

/** True when the two prefixes share an address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return containsPrefix(a, b) || containsPrefix(b, a)
}

/** True when both name the same network, host bits ignored. */
export function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && networkAddress(a) === networkAddress(b)
}

/** As nearly every tool prints it. */
const USUAL_MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/

/** Lower-case MAC with two digits per byte; undefined when it is not six hexadecimal bytes. */
export function parseMac(text: string): string | undefined {
  if (USUAL_MAC.test(text)) return text
  const bytes = text.toLowerCase().split(':')
  if (bytes.length !== 6 || !bytes.every((byte) => /^[0-9a-f]{1,2}$/.test(byte))) return undefined
  return bytes.map((byte) => byte.padStart(2, '0')).join(':')
}
