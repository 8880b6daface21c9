/** An address that stands for any container of a subnet: one that no rule of the host names. */
import { containsAddress, networkAddress, type Prefix, parsePrefix } from '../../model/address.ts'
import type { LinkAddress } from '../../model/link.ts'
import type { HostFilters } from './host-filters.ts'

/**
 * An address of the subnet that no rule names alone: it stands for any container. The
 * first address is the bridge's, so the search starts at the second.
 */
export function containerAddress(subnet: Prefix, named: readonly Prefix[]): number {
  const single = new Set(named.filter(({ length }) => length === 32).map(({ address }) => address))
  const first = (networkAddress(subnet) + 2) >>> 0
  for (let address = first; containsAddress(subnet, address); address += 1) {
    if (!single.has(address)) return address
  }
  return first
}

/** IPv4 addresses of the host as numbers. */
export function localAddresses(addresses: readonly LinkAddress[]): ReadonlySet<number> {
  return new Set(addresses.flatMap(({ prefix }) => (prefix ? [prefix.address] : [])))
}

const PREFIX_TEXT = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\d.])/g

/** Every IPv4 prefix that a rule of the host names: the only ones that can be treated apart. */
export function namedPrefixes({ tables }: HostFilters): readonly Prefix[] {
  const texts = new Set<string>()
  for (const table of tables)
    for (const chain of table.chains.values())
      for (const { text } of chain.rules) for (const [found] of text.matchAll(PREFIX_TEXT)) texts.add(found)
  return [...texts].flatMap((text) => parsePrefix(text) ?? [])
}
