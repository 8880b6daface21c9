/** Types of ICMPv6 as nft and iptables name them (nftables `src/proto.c`, `icmp6_type_tbl`; iptables `extensions/libxt_icmp.h`). */

/** Names of nft by number. */
export const NFT_ICMPV6: ReadonlyMap<number | undefined, string> = new Map([
  [1, 'destination-unreachable'],
  [2, 'packet-too-big'],
  [3, 'time-exceeded'],
  [4, 'parameter-problem'],
  [128, 'echo-request'],
  [129, 'echo-reply'],
  [133, 'nd-router-solicit'],
  [134, 'nd-router-advert'],
  [135, 'nd-neighbor-solicit'],
  [136, 'nd-neighbor-advert'],
  [137, 'nd-redirect'],
])

const OTHER_NAMES: Readonly<Record<string, number>> = {
  'router-solicitation': 133,
  'router-advertisement': 134,
  'neighbour-solicitation': 135,
  'neighbor-solicitation': 135,
  'neighbour-advertisement': 136,
  'neighbor-advertisement': 136,
  redirect: 137,
}

/** The number of a type that iptables prints or a person writes; undefined for what is none of them. */
export function icmpv6Number(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name)
  return OTHER_NAMES[name] ?? [...NFT_ICMPV6].find(([, known]) => known === name)?.[0]
}
