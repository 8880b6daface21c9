/** One rule of an iptables-save dump. */
export interface IptablesRule {
  readonly table: string
  readonly chain: string
  /** The rule without counters, exactly as printed (`-A FORWARD -i docker0 …`). */
  readonly text: string
  /** `text` split into words, quotes removed. */
  readonly words: readonly string[]
  readonly packets?: number
}

/** One chain of an iptables-save dump; `policy` is absent for user chains. */
export interface IptablesChain {
  readonly table: string
  readonly name: string
  readonly policy?: string
  readonly packets?: number
}

/** One iptables world: what one variant of the tool can see. */
export interface Iptables {
  readonly variant: 'nf_tables' | 'legacy'
  readonly chains: readonly IptablesChain[]
  readonly rules: readonly IptablesRule[]
  /** Tables of which it only said that they hold what iptables cannot say, as a set of nft. */
  readonly unprinted?: readonly string[]
}

/** A base or plain chain of native nftables. */
export interface NftChain {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly type?: string
  readonly hook?: string
  readonly priority?: number
  readonly policy?: string
  /** netdev family: the link it is attached to. */
  readonly link?: string
}

/** A rule of native nftables; `expressions` is the statement list of `nft -j`. */
export interface NftRule {
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly handle: number
  readonly expressions: readonly unknown[]
  readonly comment?: string
}

/** A named or anonymous set or map, elements as `nft -j` prints them. */
export interface NftSet {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly elements: readonly unknown[]
}

/** `nft -j list ruleset`. Tables that iptables-nft manages are included; see `nativeTables`. */
export interface Nftables {
  readonly tables: readonly { readonly family: string; readonly name: string }[]
  readonly chains: readonly NftChain[]
  readonly rules: readonly NftRule[]
  readonly sets: readonly NftSet[]
}
