/**
 * The source address a host gives its own packets (Linux `net/ipv4/devinet.c`,
 * `inet_select_addr`): on the link they leave by the address in the next hop's subnet, else
 * the link's first one, else the first address of any link.
 */
import { containsAddress } from '../../model/address.ts'
import type { LinkAddress } from '../../model/link.ts'
import type { HostView } from '../walk/world.ts'

function isUsable({ prefix, scope }: LinkAddress): boolean {
  return prefix !== undefined && scope !== 'host' && scope !== 'link'
}

/** The address for packets that leave by `link` to `nextHop`; undefined when the host has none at all. */
export function sourceFor(
  { addresses }: Pick<HostView, 'addresses'>,
  link: string,
  nextHop: number,
): number | undefined {
  const usable = addresses.filter(isUsable)
  const own = usable.filter((address) => address.link === link)
  const near = own.find(({ prefix }) => prefix && containsAddress(prefix, nextHop))
  return (near ?? own[0] ?? usable[0])?.prefix?.address
}
