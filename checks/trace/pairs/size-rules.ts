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

/** Of a rule that names a span of lengths, or one length, the one in the middle: packets of the ends of all may pass. */
const NAMED_SIZES = [
  /--length (\d+)(?::(\d+))?(?!\S)/,
  /"(?:field|key)":"length".*?"right":(?:\{"range":\[)?(\d+)(?:,(\d+))?/,
] as const

function namedSize(text: string): number | undefined {
  for (const named of NAMED_SIZES) {
    const [, first, last = first] = named.exec(text) ?? []
    if (first !== undefined) return Math.floor((Number(first) + Number(last)) / 2)
  }
  return undefined
}

/** Sizes between the smallest and the largest are walked one by one: of more rules only the first. */
const MOST_SIZES = 4

/**
 * The sizes that packet filters ask for, in bytes: undefined where none looks at how long a packet is, so that the same
 * way treats packets by their size for no other reason than that they do not fit.
 */
export function askedSizes({ hosts }: ClusterSnapshot): readonly number[] | undefined {
  const looking = [...hosts.values()].flatMap(({ facts }) => {
    const own = [knownValue(facts.iptables), knownValue(facts.iptablesLegacy)]
    const inside = (knownValue(facts.containers) ?? []).flatMap(({ network }) => network ?? [])
    const texts = [
      textsOf(own, knownValue(facts.nftables)),
      ...inside.map((one) => textsOf([one.iptables, one.iptablesLegacy], one.nftables)),
    ]
    return texts.flatMap((each) => [...each].filter((text) => LOOKS_AT_SIZE.test(text)))
  })
  if (looking.length === 0) return undefined
  return [...new Set(looking.flatMap((text) => namedSize(text) ?? []))].slice(0, MOST_SIZES)
}
