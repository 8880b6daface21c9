/**
 * Addresses under new ones, after Xu, Fan, Ammar and Moon, "Prefix-preserving IP address anonymization" (Crypto-PAn): each
 * bit is turned or not by a keyed hash of the bits before it, so that two addresses keep exactly as many leading bits in
 * common as they had. Which address is in which prefix, which prefixes overlap and which is the longest stay as they are.
 *
 * Three things that flannel's arithmetic needs besides are kept: prefixes with a meaning (loopback, private, multicast) stay
 * themselves; below a prefix that was named, its first and its last address stay first and last; and in zones where numbers
 * are counted and compared (flannel's own network) the bits behind the prefix stay.
 */
import { createHmac } from 'node:crypto'

/** The leading `length` bits of `bits`; what follows them is of no account. */
export interface BitPrefix {
  readonly bits: bigint
  readonly length: number
}

export interface Scrambling {
  /** Bits of an address: 32 or 128. */
  readonly width: number
  /** Bits from here on stay. */
  readonly keptFrom: number
  /** Stay themselves, and nothing else becomes one of them. */
  readonly meaningful: readonly BitPrefix[]
  /** Stay with everything in them. */
  readonly untouched: readonly BitPrefix[]
  /** Their first and last addresses stay first and last. */
  readonly named: readonly BitPrefix[]
  /** Behind them every bit stays. */
  readonly counted: readonly BitPrefix[]
}

/** The bits that lead to a node of the tree of all addresses. */
function node(depth: number, leading: bigint): string {
  return `${depth}/${leading.toString(16)}`
}

function leading({ width }: Scrambling, bits: bigint, depth: number): bigint {
  return bits >> BigInt(width - depth)
}

/** Nodes at which a bit stays, one by one; below `whole` prefixes it always does. */
function keptNodes(scrambling: Scrambling): ReadonlySet<string> {
  const { meaningful, untouched, named, keptFrom } = scrambling
  const kept = new Set<string>()
  for (const { bits, length } of [...meaningful, ...untouched]) {
    for (let depth = 0; depth < length; depth++) kept.add(node(depth, leading(scrambling, bits, depth)))
  }
  for (const { bits, length } of named) {
    const first = leading(scrambling, bits, length)
    for (let depth = length; depth < keptFrom; depth++) {
      const more = BigInt(depth - length)
      kept.add(node(depth, first << more))
      kept.add(node(depth, (first << more) | ((1n << more) - 1n)))
    }
  }
  return kept
}

/** Gives every address its new one; the same key gives the same. */
export function scrambler(key: Uint8Array, scrambling: Scrambling): (bits: bigint) => bigint {
  const { width, keptFrom, untouched, counted } = scrambling
  const kept = keptNodes(scrambling)
  const whole = [...untouched, ...counted]
  const turned = new Map<string, bigint>()
  const turn = (depth: number, before: bigint): bigint => {
    const at = node(depth, before)
    const known = turned.get(at)
    if (known !== undefined) return known
    const bit = kept.has(at) ? 0 : (createHmac('sha256', key).update(`${width}:${at}`).digest()[0] ?? 0) & 1
    turned.set(at, BigInt(bit))
    return BigInt(bit)
  }
  return (bits) => {
    const inside = whole.filter((one) => leading(scrambling, bits ^ one.bits, one.length) === 0n)
    const end = Math.min(keptFrom, ...inside.map(({ length }) => length))
    let result = bits
    for (let depth = 0; depth < end; depth++) {
      result ^= turn(depth, leading(scrambling, bits, depth)) << BigInt(width - 1 - depth)
    }
    return result
  }
}
