/** What NAT of a host does to packets for a port that it publishes, as the kernel asks the rules: by the first that matches. */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { formatAddress, parseAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { translationAt } from '../filter/nat.ts'
import { all, type Packet, ROOT } from '../filter/packet.ts'
import type { Translate } from '../filter/rule.ts'
import type { LosingRule } from '../filter/verdict.ts'
import type { Hop } from '../trace.ts'
import { filterPlace } from '../walk/filters.ts'
import type { HostView } from '../walk/world.ts'
import type { PublishedPort } from './published-ports.ts'

/** What becomes of a packet that a rule is written for. */
export type PortWay =
  /** The rule gives it to an address that nobody has, as the clause says. */
  | { readonly kind: 'nobody'; readonly why: string }
  /** Another rule is met before. */
  | { readonly kind: 'taken'; readonly by: LosingRule; readonly to: string }
  /** No chain that packets meet leads to the rule. */
  | { readonly kind: 'unasked' }
  /** A rule of the host takes it on the way. */
  | { readonly kind: 'lost'; readonly hop: Hop }

/** A packet to a published port, as the host meets it. */
export interface Asked {
  readonly hook: 'prerouting' | 'output'
  readonly packet: Packet
}

/** The port that no rule should name, from which is asked. */
const SOURCE_PORT = 50_001

/** The address of a host that its peers know, or the one that the rule is for; undefined where the host has it not. */
export function askedAddress(
  snapshot: ClusterSnapshot,
  host: HostView,
  { asked }: Partial<PublishedPort>,
): number | undefined {
  const identity = clusterIdentity(snapshot).byHost.get(host.name)
  const own = identity !== undefined && 'lease' in identity ? identity.lease.publicIp : undefined
  const address = asked ?? own
  return address !== undefined && host.local.has(address) && address >>> 24 !== 127 ? address : undefined
}

/** What a client on the link of the address sends, and what a program of the host does. */
export function askedPackets(
  host: HostView,
  published: PublishedPort,
  destination: number,
): readonly Asked[] {
  const { protocol, hostPort: destinationPort } = published
  const held = host.addresses.find(({ prefix }) => prefix?.address === destination)
  const client = (destination & 1 ? destination - 1 : destination + 1) >>> 0
  const packetFrom = (source: number): Packet => ({
    ...{ source, destination, protocol, sourcePort: SOURCE_PORT, destinationPort, state: 'NEW' },
    ...(protocol === 'tcp' && { tcpFlags: ['syn'] }),
    ...filterPlace(host, source),
  })
  return [
    { hook: 'prerouting', packet: { ...packetFrom(client), ...present({ inLink: held?.link }) } },
    { hook: 'output', packet: { ...packetFrom(destination), outLink: 'lo', socket: ROOT } },
  ]
}

/** True where jumps lead from a hook to the chain of the rule, whatever they ask. */
function isLedTo({ table, chain: target }: PublishedPort, hook: Asked['hook']): boolean {
  const seen = new Set<string>()
  const waiting = [...table.chains.values()].filter(({ base }) => base?.hook === hook)
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    if (seen.has(chain.name)) continue
    seen.add(chain.name)
    for (const action of chain.rules.flatMap(({ actions }) => actions)) {
      const next = 'chain' in action ? table.chains.get(action.chain) : undefined
      if (next !== undefined) waiting.push(next)
    }
  }
  return seen.has(target)
}

/** True where no packet is asked by the rule. Maps of nft lead to chains as well, and are not followed. */
function isUnasked(host: HostView, published: PublishedPort): boolean {
  const isFollowed = published.table.world !== 'nft' && host.filters.unread.length === 0
  return isFollowed && !isLedTo(published, 'prerouting') && !isLedTo(published, 'output')
}

/** The way by the NAT of its own host; `given` where the rule, or one to the same end, is met. */
export function natWay(host: HostView, published: PublishedPort, asked: Asked): PortWay | 'given' | 'open' {
  const { tables } = host.filters
  const { certain, rule, translate } = translationAt(tables, asked.hook, { packet: asked.packet, mark: 0 })
  if (!certain || all(published.compiled.conditions, asked.packet, 0) !== true) return 'open'
  if (rule === undefined) return isUnasked(host, published) ? { kind: 'unasked' } : 'open'
  return wayByRule(published, asked.hook, { rule, ...translate })
}

/** Where a rule sends, in words. */
function wayText({ address, isOwn }: Partial<Translate>, port: number): string {
  if (isOwn) return `to itself, port ${port}`
  return address === undefined ? 'elsewhere' : `to ${formatAddress(address)}:${port}`
}

/** The way by a rule that takes the packet. */
function wayByRule(
  published: PublishedPort,
  hook: Asked['hook'],
  { rule, ...translate }: Partial<Translate> & { readonly rule: LosingRule },
): PortWay | 'given' | 'open' {
  const { address, port = published.hostPort } = translate
  if (address === parseAddress(published.address) && port === published.port) return 'given'
  if (!isLedTo(published, hook)) return 'open'
  return { kind: 'taken', by: rule, to: wayText(translate, port) }
}
