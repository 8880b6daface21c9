/** The command that heals where packets are lost to a route, or to an address that the kernel made a route of. */
import { isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import { knownValue } from '../../expected/observed-host.ts'
import {
  containsPrefix,
  formatAddress,
  networkAddress,
  type Prefix,
  parsePrefix,
  samePrefix,
} from '../../model/address.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Remedy } from './link-remedy.ts'
import type { Loss } from './losses.ts'

/** What heals a loss, by the line that shows it; undefined where nothing can be named. */
export type RemedyOf = (words: string, loss: Loss, snapshot: ClusterSnapshot) => Remedy | undefined

/** An address that a host takes for its own though another host has it. */
const addressRemedy: RemedyOf = (words, { hop }, snapshot) => {
  const [, address, link] = /^local ([\d.]+) dev (\S+)/.exec(words) ?? []
  const facts = snapshot.hosts.get(hop.host)?.facts
  const held =
    facts && knownValue(facts.addresses)?.find((one) => one.address === address && one.link === link)
  if (held === undefined || hop.predicted !== 'captured') return undefined
  const what = `${held.address}/${held.length} dev ${held.link}`
  return {
    command: `ip addr del ${what}`,
    undo: `ip addr add ${what}`,
    effect: 'the host no longer takes packets for that address',
  }
}

function broadcastOf({ address, length }: Prefix): string {
  return formatAddress((networkAddress({ address, length }) + 2 ** (32 - length) - 1) >>> 0)
}

/** The address whose length makes a broadcast address of a container's, where the link has another for the subnet. */
const broadcastRemedy: RemedyOf = (words, { hop }, snapshot) => {
  const [, address, link] = /^broadcast ([\d.]+)(?:\/32)? dev (\S+)/.exec(words) ?? []
  const facts = snapshot.hosts.get(hop.host)?.facts
  const onLink = ((facts && knownValue(facts.addresses)) ?? []).filter((one) => one.link === link)
  const found = onLink.find(({ prefix }) => prefix !== undefined && broadcastOf(prefix) === address)
  if (found === undefined || !onLink.some(({ length }) => length < found.length)) return undefined
  const what = `${found.address}/${found.length} dev ${found.link}`
  return {
    command: `ip addr del ${what}`,
    undo: `ip addr add ${what}`,
    effect: 'the address is that of a container again',
  }
}

/** A route as it is printed, and where it leads. */
interface Named {
  readonly words: string
  readonly prefix: Prefix
}

function isRefusing(words: string): boolean {
  return /^(?:blackhole|unreachable|prohibit|throw) /.test(words)
}

/** A route that should be there: flannel's own to its peers, and of a container that to the subnet of its host. */
function isRight({ words, prefix }: Named, { hop }: Loss, snapshot: ClusterSnapshot): boolean {
  const expected = expectedHost(snapshot, hop.host)
  if (!isExpected(expected) || isRefusing(words)) return false
  if (hop.container !== undefined)
    return samePrefix(prefix, expected.lease.subnet) && !words.includes(' via ')
  return expected.routes.some(({ destination, gateway, link }) => {
    const via = gateway === undefined ? '' : ` via ${formatAddress(gateway)}`
    return samePrefix(prefix, destination) && `${words} `.includes(`${via} dev ${link} `)
  })
}

/** True for a route to a part of the network; of those that refuse, and inside a container of those to neighbours, also to the whole. */
function isOfNetwork({ words, prefix }: Named, { hop }: Loss, network: Prefix): boolean {
  const isToNeighbours = hop.container !== undefined && !words.includes(' via ')
  const isWhole = prefix.length === network.length
  return containsPrefix(network, prefix) && (!isWhole || isRefusing(words) || isToNeighbours)
}

/** True for a route to a part of what the host has on a link: without it that link's own route still leads there. */
function isOfNeighbours({ prefix }: Named, { hop }: Loss, { hosts }: ClusterSnapshot): boolean {
  const facts = hop.container === undefined ? hosts.get(hop.host)?.facts : undefined
  const addresses = (facts && knownValue(facts.addresses)) ?? []
  return addresses.some(
    ({ prefix: own }) => own !== undefined && prefix.length > own.length && containsPrefix(own, prefix),
  )
}

/** A host that forwards takes redirects where both `all` and the link allow it (Linux `include/linux/inetdevice.h`, IN_DEV_RX_REDIRECTS). */
const FORGET_REDIRECTS: Remedy = {
  command: 'sysctl -w net.ipv4.conf.all.accept_redirects=0 net.ipv4.route.flush=1',
  undo: 'sysctl -w net.ipv4.conf.all.accept_redirects=1',
  effect: 'ICMP redirects are forgotten, and no longer accepted',
}

/** A wrong route to a part of the network, or of a host's neighbours: never the default route, nor one that alone leads to what lies beside the network. */
const strayRemedy: RemedyOf = (words, loss, snapshot) => {
  const [, destination = ''] = /^(?:[a-z]+ )?([\d./]+)/.exec(words) ?? []
  const prefix = parsePrefix(destination)
  if (prefix === undefined) return undefined
  const named = { words, prefix }
  const network = knownValue(snapshot.datastore.config)?.network
  if (network === undefined || isRight(named, loss, snapshot)) return undefined
  if (!isOfNetwork(named, loss, network) && !isOfNeighbours(named, loss, snapshot)) return undefined
  return {
    command: 'ip route del {words...}',
    undo: 'ip route add {words...}',
    effect: 'the route no longer leads there',
  }
}

/** What heals where a route, or the address that the kernel made it of, loses packets. */
export const routeRemedy: RemedyOf = (words, loss, snapshot) => {
  if (loss.hop.predicted === 'expired')
    return { command: 'ip route replace {words...}', effect: 'packets have the usual time to live' }
  if (words.endsWith(' cache <redirected>')) return FORGET_REDIRECTS
  if (words.startsWith('local ')) return addressRemedy(words, loss, snapshot)
  if (words.startsWith('broadcast ')) return broadcastRemedy(words, loss, snapshot)
  return strayRemedy(words, loss, snapshot)
}
