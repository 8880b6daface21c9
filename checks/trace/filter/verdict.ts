/**
 * What all base chains at one hook do with a packet. An accept holds for its own base
 * chain only; a drop in any of them is final (netfilter core, `nf_hook_slow`).
 */
import type { Mark, Packet } from './packet.ts'
import type { Base, FilterChain, FilterRule, FilterTable, Hook, World } from './rule.ts'
import { type Arriving, type PossibleVerdict, type Walk, walkBaseChain } from './walk.ts'

/** The rule or policy that decided, or that leaves the fate of a packet open. */
export interface LosingRule {
  /** The rule as printed, or `policy DROP`. */
  readonly by: string
  /** True when the chain's policy dropped it. */
  readonly byPolicy: boolean
  readonly world: World
  /** `filter/FORWARD` or, for nft, `inet firewall/forward`: the chain that holds the rule. */
  readonly chain: string
  /** The words of an iptables rule behind `-A CHAIN`, and its place in the chain, from 1. */
  readonly words?: readonly string[]
  readonly position?: number
  /** Number by which nft deletes the rule. */
  readonly handle?: number
  /** Packets the rule or policy has met so far, where counted. */
  readonly packets?: number
}

/** The fate of a packet at a hook; the rule is absent for accept. */
export interface Verdict extends Partial<LosingRule> {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'unknown'
  /** The mark the packet leaves with. */
  readonly mark: Mark
}

interface Attached {
  readonly table: FilterTable
  readonly chain: FilterChain & { readonly base: Base }
}

/** A chain of one link is only met at that link, on the way in before routing, on the way out behind it. */
function isOnLink({ links, hook }: Base, { inLink, outLink }: Packet): boolean {
  const link = hook === 'prerouting' ? inLink : outLink
  return links === undefined || (link !== undefined && links.includes(link))
}

/** Base chains at a hook in the order the kernel calls them, without or only those of NAT. */
function chainsAt(tables: readonly FilterTable[], hook: Hook, packet: Packet | 'nat'): Attached[] {
  return tables
    .flatMap((table) => [...table.chains.values()].map((chain) => ({ table, chain })))
    .filter((at): at is Attached => at.chain.base?.hook === hook)
    .filter(({ chain: { base } }) => (base.type === 'nat') === (packet === 'nat'))
    .filter(({ chain: { base } }) => packet === 'nat' || isOnLink(base, packet))
    .sort((a, b) => a.chain.base.priority - b.chain.base.priority)
}

function placeOf({ table }: Attached, chain: string): string {
  return table.world === 'nft' ? `${table.family} ${table.name}/${chain}` : `${table.name}/${chain}`
}

function isLost({ kind }: PossibleVerdict): boolean {
  return kind === 'drop' || kind === 'reject'
}

function isPassed({ kind }: PossibleVerdict): boolean {
  return kind === 'accept' || kind === 'translate'
}

function lostBy(at: Attached, possible: PossibleVerdict, mark: Mark): Verdict {
  const { rule, kind, chain } = possible
  const packets = rule ? rule.packets : at.chain.base.policyPackets
  return {
    verdict: kind === 'reject' ? 'reject' : 'drop',
    by: rule?.text ?? `policy ${kind.toUpperCase()}`,
    byPolicy: rule === undefined,
    world: at.table.world,
    chain: placeOf(at, chain),
    mark,
    ...(packets !== undefined && { packets }),
    ...(rule && identityOf(rule)),
  }
}

/** What the tools know a rule by. */
function identityOf({
  words,
  position,
  handle,
}: FilterRule): Pick<LosingRule, 'words' | 'position' | 'handle'> {
  return {
    ...(words !== undefined && { words }),
    ...(position !== undefined && { position }),
    ...(handle !== undefined && { handle }),
  }
}

function doubtAt(at: Attached, { verdicts, doubt, mark }: Walk): Verdict {
  const handedOver = verdicts.find(({ kind }) => kind === 'queue')
  const by = doubt ?? handedOver?.rule?.text ?? 'a rule that hands packets to a program'
  return { verdict: 'unknown', by, world: at.table.world, chain: placeOf(at, at.chain.name), mark }
}

/**
 * The verdict of every base chain at `hook` for a packet that arrives with `mark`.
 * `unknown` only where a rule that cannot be followed decides; a later certain drop
 * makes the verdict certain again.
 */
export function verdictAt(tables: readonly FilterTable[], hook: Hook, arriving: Arriving): Verdict {
  let { mark } = arriving
  let doubtful: Verdict | undefined
  for (const at of chainsAt(tables, hook, arriving.packet)) {
    const walk = walkBaseChain(at.table, at.chain, { packet: arriving.packet, mark })
    mark = walk.mark
    const [lost] = walk.verdicts.filter(isLost)
    if (lost && walk.verdicts.every(isLost)) return lostBy(at, lost, mark)
    if (!walk.verdicts.every(isPassed)) doubtful ??= doubtAt(at, walk)
  }
  return doubtful ? { ...doubtful, mark } : { verdict: 'accept', mark }
}

/** The part of a verdict that names the rule; undefined where none decided. */
export function losingRule(verdict: Verdict): LosingRule | undefined {
  const { verdict: _, mark: __, by, world, chain, byPolicy = false, ...more } = verdict
  if (by === undefined || world === undefined || chain === undefined) return undefined
  return { by, byPolicy, world, chain, ...more }
}

/** The verdict at the forward hook, with whatever mark prerouting gave the packet. */
export function forwardVerdict(tables: readonly FilterTable[], packet: Packet): Verdict {
  const { outLink: _, ...unrouted } = packet
  const { mark } = verdictAt(tables, 'prerouting', { packet: unrouted, mark: 0 })
  return verdictAt(tables, 'forward', { packet, mark })
}

/** The verdict on the way to a socket of the host: prerouting, then input. */
export function inputVerdict(tables: readonly FilterTable[], packet: Packet): Verdict {
  const { outLink: _, ...unrouted } = packet
  const first = verdictAt(tables, 'prerouting', { packet: unrouted, mark: 0 })
  if (first.verdict !== 'accept') return first
  return verdictAt(tables, 'input', { packet: unrouted, mark: first.mark })
}

/** Whether source NAT changes the packet at postrouting, and the rule that does. */
export function translationOf(
  tables: readonly FilterTable[],
  packet: Packet,
): { readonly translated: boolean | 'unknown'; readonly by?: string } {
  for (const at of chainsAt(tables, 'postrouting', 'nat')) {
    const { verdicts, doubt } = walkBaseChain(at.table, at.chain, { packet, mark: 0 })
    const rule = verdicts.find(({ kind }) => kind === 'translate')?.rule
    if (rule === undefined) continue
    const isCertain = verdicts.every(({ kind }) => kind === 'translate')
    return { translated: isCertain ? true : 'unknown', by: isCertain ? rule.text : (doubt ?? rule.text) }
  }
  return { translated: false }
}
