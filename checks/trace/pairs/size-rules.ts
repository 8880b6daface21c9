/** Whether any packet filter of a network looks at how long a packet is: else what carries a large one carries a small one. */
import { knownValue } from '../../expected/observed-host.ts'
import type { Iptables, Nftables } from '../../model/netfilter.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'

/** iptables' `--length`, nft's `length` of a header or of the packet, and its raw bits, which may be those of the length. */
const LOOKS_AT_SIZE = /length|"base"/

function* textsOf(
  saved: readonly (Iptables | undefined)[],
  { rules }: Pick<Nftables, 'rules'> = { rules: [] },
): Iterable<string> {
  for (const { text } of saved.flatMap((one) => one?.rules ?? [])) yield text
  for (const { expressions } of rules) yield JSON.stringify(expressions)
}

/** True where the same way may treat packets by their size for another reason than that they do not fit. */
export function asksForSize({ hosts }: ClusterSnapshot): boolean {
  for (const { facts } of hosts.values()) {
    const own = [knownValue(facts.iptables), knownValue(facts.iptablesLegacy)]
    const inside = (knownValue(facts.containers) ?? []).flatMap(({ network }) => network ?? [])
    const texts = [
      textsOf(own, knownValue(facts.nftables)),
      ...inside.map((one) => textsOf([one.iptables, one.iptablesLegacy], one.nftables)),
    ]
    for (const each of texts) for (const text of each) if (LOOKS_AT_SIZE.test(text)) return true
  }
  return false
}
