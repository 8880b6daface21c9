/** Numbers and addresses in network byte order. Who calls these has made sure that the octets are there. */

export const u16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

export const u24 = (bytes: Uint8Array, at: number): number =>
  (u16(bytes, at) << 8) | (bytes[at + 2] as number)

export const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2)

export function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
}

/** Every octet as two hexadecimal digits. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))
const hex = (bytes: Uint8Array, at: number): string => HEX[bytes[at] as number] as string

export function macText(bytes: Uint8Array, at: number): string {
  return `${hex(bytes, at)}:${hex(bytes, at + 1)}:${hex(bytes, at + 2)}:${hex(bytes, at + 3)}:${hex(bytes, at + 4)}:${hex(bytes, at + 5)}`
}

/** The text form of RFC 5952: the first longest run of zero groups is `::`. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => u16(bytes, at + 2 * i).toString(16))
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : '-'))
      .join('')
      .matchAll(/00+/g),
  ]
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    undefined,
  )
  if (longest === undefined) return groups.join(':')
  const after = groups.slice(longest.index + longest[0].length)
  return `${groups.slice(0, longest.index).join(':')}::${after.join(':')}`
}
