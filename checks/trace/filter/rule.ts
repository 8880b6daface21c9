/** The common form of a packet filter: what iptables rules and nft rules are both compiled to. */
import type { Condition, Mark, Packet } from './packet.ts'

export type IpHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'

/** Those of IPv4, those of bridges for frames between their ports, those of ARP, and chains of one link. */
export type Hook = IpHook | `bridge-${IpHook}` | `arp-${IpHook}` | 'ingress' | 'egress'

/** Whose tool shows the chain: an operator must know where to look. */
export type World = 'iptables-nft' | 'iptables-legacy' | 'ip6tables-nft' | 'ip6tables-legacy' | 'nft'

/** Whose packets a filter is asked for, as nft names the two. */
export type Family = 'ip' | 'ip6'

/** What a nat rule writes into the packet. */
export interface Translate {
  readonly kind: 'translate'
  readonly side: 'source' | 'destination'
  /** Absent where the rule leaves it to the kernel, or it is not known. */
  readonly address?: number
  readonly port?: number
  /** Masquerading and redirecting: an address of the host itself. */
  readonly isOwn?: true
}

/** What a matching rule does. `queue` leaves the verdict to a program; `translate` ends a nat chain. */
export type Action =
  | { readonly kind: 'accept' | 'drop' | 'reject' | 'queue' | 'return' | 'continue' | 'untrack' }
  | Translate
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'mark'; readonly apply: (mark: number, packet: Packet) => Mark }
  /** Has its connection tracked apart from those of other zones. */
  | { readonly kind: 'zone'; readonly zone: number }
  /** Writes the time to live. */
  | { readonly kind: 'ttl'; readonly apply: (ttl: number) => number }

export interface FilterRule {
  /** The kernel draws lots or remembers clients: of its rules one takes the connection, nobody can tell which. */
  readonly isChance?: true
  /** As the tool prints it. */
  readonly text: string
  readonly conditions: readonly Condition[]
  /** Set where the rule stands in a table of iptables-nft but only nft can show and delete it. */
  readonly isNative?: true
  /** Done in order when every condition holds; a jump can only be the last. */
  readonly actions: readonly Action[]
  readonly packets?: number
  /** The words of an iptables rule behind `-A CHAIN`, and its place in the chain, from 1. */
  readonly words?: readonly string[]
  readonly position?: number
  /** Number by which nft deletes it; absent for rules of the legacy tables. */
  readonly handle?: number
}

/** Where and when a chain is called by the kernel. */
export interface Base {
  readonly hook: Hook
  /** Lower runs first (`enum nf_ip_hook_priorities`, include/uapi/linux/netfilter_ipv4.h). */
  readonly priority: number
  readonly type: string
  readonly policy: 'accept' | 'drop'
  /** Links whose packets alone meet it, as they come in or leave; absent where all do. */
  readonly links?: readonly string[]
  /** Packets that met the policy, where the tool counts them. */
  readonly policyPackets?: number
}

export interface FilterChain {
  readonly name: string
  readonly rules: readonly FilterRule[]
  readonly base?: Base
}

/** One table with its chains by name: jumps stay inside it. */
export interface FilterTable {
  readonly world: World
  readonly family: string
  readonly name: string
  readonly chains: ReadonlyMap<string, FilterChain>
}
