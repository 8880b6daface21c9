/** IPv6 prefixes as text that can be compared: flannel and Kubernetes write the same one in several ways. */

/** Parts of an IPv6 address; undefined for anything else. */
function groupsOf(text: string): readonly number[] | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0 || !/^[0-9a-f:]*$/i.test(text)) return undefined
  const words = (part: string): readonly string[] => (part === '' ? [] : part.split(':'))
  const [first, last] = [words(head), words(tail ?? '')]
  const missing = 8 - first.length - last.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const all = [...first, ...Array.from({ length: missing }, () => '0'), ...last]
  if (all.some((word) => !/^[0-9a-f]{1,4}$/i.test(word))) return undefined
  return all.map((word) => Number.parseInt(word, 16))
}

/** A prefix and an address in it. */
export interface Ipv6Prefix {
  /** The whole address, eight groups, in one way of writing. */
  readonly address: string
  /** The address with the bits of the host cleared, likewise. */
  readonly network: string
  readonly length: number
}

const written = (groups: readonly number[]): string => groups.map((one) => one.toString(16)).join(':')

/** `2001:db8::1/64`; undefined for anything else. */
export function parseIpv6Prefix(text: string): Ipv6Prefix | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text.trim()) ?? []
  const [groups, length] = [groupsOf(address), Number(digits)]
  if (groups === undefined || length > 128) return undefined
  const masked = groups.map((group, at) => {
    const left = Math.min(16, Math.max(0, length - at * 16))
    return group & (0xffff << (16 - left)) & 0xffff
  })
  return { address: written(groups), network: written(masked), length }
}

/** True where an address is in the network of a prefix; false of what is no IPv6 address. */
export function isInIpv6(address: string, { network, length }: Omit<Ipv6Prefix, 'address'>): boolean {
  return parseIpv6Prefix(`${address}/${length}`)?.network === network
}

/** The address as one number of 128 bits; undefined for what is none. */
export function ipv6Number(text: string): bigint | undefined {
  return groupsOf(text)?.reduce((number, group) => number * 0x10000n + BigInt(group), 0n)
}

/**
 * An address as the kernel and iproute2 print it: the longest run of two or more zero groups, of equals the first, is `::`
 * (RFC 5952, 4.2). Undefined for what is no IPv6 address.
 */
export function printedIpv6(text: string): string | undefined {
  const groups = groupsOf(text)
  if (groups === undefined) return undefined
  let [best, length] = [0, 1]
  for (const from of groups.keys()) {
    const end = groups.findIndex((group, at) => at >= from && group !== 0)
    const run = (end === -1 ? groups.length : end) - from
    if (run > length) [best, length] = [from, run]
  }
  if (length < 2) return written(groups)
  return `${written(groups.slice(0, best))}::${written(groups.slice(best + length))}`
}

/** `2001:db8::/64`: the network of a prefix, as the kernel prints it. */
export function printedIpv6Network({ network, length }: Ipv6Prefix): string {
  return `${printedIpv6(network) ?? network}/${length}`
}

/** The group in which an address is asked for its MAC (RFC 4291, 2.7.1); undefined for what is no IPv6 address. */
export function solicitedNode(text: string): string | undefined {
  const groups = groupsOf(text)
  if (groups === undefined) return undefined
  const [high = 0, low = 0] = groups.slice(-2)
  return printedIpv6(`ff02::1:${(0xff00 | (high & 0xff)).toString(16)}:${low.toString(16)}`)
}
