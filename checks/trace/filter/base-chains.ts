/** Which base chains a packet meets at a hook, in the order in which the kernel calls them. */
import type { Packet } from './packet.ts'
import type { Base, FilterChain, FilterTable, Hook } from './rule.ts'

/** A base chain in its table. */
export interface Attached {
  readonly table: FilterTable
  readonly chain: FilterChain & { readonly base: Base }
}

/** A chain of one link is only met at that link, on the way in before routing, on the way out behind it. */
function isOnLink({ links, hook }: Base, { inLink, outLink }: Packet): boolean {
  const link = hook === 'ingress' ? inLink : outLink
  return links === undefined || (link !== undefined && links.includes(link))
}

/** Before routing the chains of the link come first, behind it last. */
const WITH_LINKS: Readonly<Partial<Record<Hook, readonly Hook[]>>> = {
  prerouting: ['ingress', 'prerouting'],
  postrouting: ['postrouting', 'egress'],
}

/** A chain without rules that accepts changes nothing: where iptables was ever asked every table has some. */
function isIdle({ rules, base }: FilterChain): boolean {
  return rules.length === 0 && base?.policy !== 'drop'
}

const attached = new WeakMap<readonly FilterTable[], Map<Hook, readonly Attached[]>>()

/** Base chains at one hook that do something, in the order the kernel calls them. */
function orderedAt(tables: readonly FilterTable[], hook: Hook): readonly Attached[] {
  const byHook = attached.get(tables) ?? new Map<Hook, readonly Attached[]>()
  attached.set(tables, byHook)
  const known = byHook.get(hook)
  if (known) return known
  const found = tables
    .flatMap((table) => [...table.chains.values()].map((chain) => ({ table, chain })))
    .filter((at): at is Attached => at.chain.base?.hook === hook && !isIdle(at.chain))
    .sort((a, b) => a.chain.base.priority - b.chain.base.priority)
  byHook.set(hook, found)
  return found
}

/** Base chains that a packet meets at a hook in the order the kernel calls them, all or only those of NAT. */
export function chainsAt(
  tables: readonly FilterTable[],
  hook: Hook,
  packet: Packet | 'nat',
): readonly Attached[] {
  if (packet === 'nat') return orderedAt(tables, hook).filter(({ chain: { base } }) => base.type === 'nat')
  const [first = hook, second] = WITH_LINKS[hook] ?? [hook]
  const all = orderedAt(tables, first)
  const more = second === undefined ? [] : orderedAt(tables, second)
  const met = more.length === 0 ? all : all.length === 0 ? more : [...all, ...more]
  return met.some(({ chain: { base } }) => base.links !== undefined)
    ? met.filter(({ chain: { base } }) => isOnLink(base, packet))
    : met
}

/** True where a packet may meet NAT at a hook. */
export function hasNatAt(tables: readonly FilterTable[], hook: Hook): boolean {
  return orderedAt(tables, hook).some(({ chain: { base } }) => base.type === 'nat')
}

/** True where a packet meets chains at a hook, of whichever link. */
export function hasChainsAt(tables: readonly FilterTable[], hook: Hook): boolean {
  return (WITH_LINKS[hook] ?? [hook]).some((one) => orderedAt(tables, one).length > 0)
}
