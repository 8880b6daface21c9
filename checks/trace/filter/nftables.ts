/** From `nft -j list ruleset` to filter tables, of the families that see packets of IPv4 or of IPv6, or what asks for their next hops. */
import type { Nftables, NftChain } from '../../model/netfilter.ts'
import { present } from '../../model/present.ts'
import { compileNftRule } from './nft-rule.ts'
import type { NamedSets } from './nft-value.ts'
import type { Base, Family, FilterChain, FilterTable, Hook, IpHook } from './rule.ts'

const HOOKS: readonly string[] = [
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
] satisfies IpHook[]

/**
 * Chains of family netdev, and of inet at ingress: in front of every other hook at the link, or behind all
 * (Linux `net/core/dev.c`, `__netif_receive_skb_core` and `__dev_queue_xmit`).
 */
const AT_LINK: ReadonlySet<string> = new Set(['ingress', 'egress'] satisfies Hook[])

/** Families whose chains packets of IPv4 and of IPv6 meet beside their own. */
const SHARED: ReadonlySet<string> = new Set(['inet', 'netdev', 'bridge', 'arp'])

/** Families whose hooks are other places than those of IPv4. */
const OWN_HOOKS = new Set(['bridge', 'arp'])

/** The hook of a base chain; those of bridges are other places than those of IPv4. */
export function nftBase(chain: NftChain): Base | undefined {
  const { hook = '', priority = 0, type = 'filter', policy, link, family } = chain
  const common = { type, policy: policy === 'drop' ? 'drop' : 'accept' } as const
  // Where the tool does not tell the link, none is known to meet the chain.
  if (AT_LINK.has(hook)) return { hook: hook as Hook, priority, ...common, links: link?.split(',') ?? [] }
  if (!HOOKS.includes(hook)) return undefined
  const place = OWN_HOOKS.has(family) ? `${family}-${hook}` : hook
  return { hook: place as Hook, priority, ...common }
}

export const keyOf = ({ family, table }: { family: string; table: string }): string => `${family} ${table}`

/** The sets and maps of every table by its key. */
export function setsOf(nftables: Nftables): ReadonlyMap<string, NamedSets> {
  const byTable = Map.groupBy(nftables.sets, keyOf)
  return new Map(
    [...byTable].map(([key, sets]) => [key, new Map(sets.map((set) => [set.name, set.elements]))]),
  )
}

/**
 * Tables of nft as filter tables, those that iptables-nft writes left out: `ownedByIptables` names them, of that family.
 */
export function nftTables(
  nftables: Nftables,
  ownedByIptables: ReadonlySet<string>,
  own: Family = 'ip',
): FilterTable[] {
  const chainsByTable = Map.groupBy(nftables.chains, keyOf)
  const rulesByChain = Map.groupBy(nftables.rules, (rule) => `${keyOf(rule)} ${rule.chain}`)
  const allSets = setsOf(nftables)
  const native = nftables.tables.filter(
    ({ family, name }) => SHARED.has(family) || (family === own && !ownedByIptables.has(name)),
  )
  return native.map(({ family, name }) => {
    const key = keyOf({ family, table: name })
    const sets = allSets.get(key) ?? new Map()
    const chains = (chainsByTable.get(key) ?? []).map((chain): [string, FilterChain] => {
      const rules = (rulesByChain.get(`${key} ${chain.name}`) ?? []).flatMap((rule) =>
        compileNftRule(rule, sets),
      )
      const base = nftBase(chain)
      return [chain.name, { name: chain.name, rules, ...present({ base }) }]
    })
    return { world: 'nft', family, name, chains: new Map(chains) }
  })
}
