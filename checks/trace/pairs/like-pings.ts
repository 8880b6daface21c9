/**
 * Pairs of whose packets nothing on the way tells one protocol or port from another: what carries a ping there and back
 * carries a connection.
 */
import { knownValue } from '../../expected/observed-host.ts'
import type { Iptables, Nftables } from '../../model/netfilter.ts'
import type { PolicyRule } from '../../model/route.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../model/snapshot.ts'
import type { Xfrm } from '../../model/xfrm.ts'
import type { Endpoint } from '../trace.ts'
import type { Pair } from '../walk.ts'
import { predictions } from './predictions.ts'

/** `-p`, what only goes with it, and sets, which may hold ports. */
const IN_IPTABLES = /(?:^|\s)-p\s|proto|port|icmp|tcp|udp|syn|match-set/
/** Headers behind that of IP, the protocol named in it, raw bits. */
const IN_NFT = /l4proto|port|"protocol":"(?!(?:ip|ether|arp)")|"(?:field|key)":"protocol"|"base"/

/** What decides in one network, of a host or of a container. */
interface Deciding {
  readonly rules?: readonly PolicyRule[] | undefined
  readonly xfrm?: Xfrm | undefined
  readonly nftables?: Nftables | undefined
  readonly iptables?: Iptables | undefined
  readonly iptablesLegacy?: Iptables | undefined
}

/** A connection looks its route up with its source, a ping without one. */
function isSelecting({ from, to, other }: PolicyRule): boolean {
  return from !== 'all' || to !== undefined || other.length > 0
}

function asks({ rules, xfrm, nftables, iptables, iptablesLegacy }: Deciding): boolean {
  return (
    rules?.some(isSelecting) === true ||
    (xfrm?.policies.length ?? 0) > 0 ||
    [iptables, iptablesLegacy].some((saved) => saved?.rules.some(({ text }) => IN_IPTABLES.test(text))) ||
    nftables?.rules.some(({ expressions }) => IN_NFT.test(JSON.stringify(expressions))) === true
  )
}

function hasAsking({ facts }: HostSnapshot): boolean {
  const host: Deciding = {
    rules: knownValue(facts.rules),
    xfrm: knownValue(facts.xfrm),
    nftables: knownValue(facts.nftables),
    iptables: knownValue(facts.iptables),
    iptablesLegacy: knownValue(facts.iptablesLegacy),
  }
  const inside = (knownValue(facts.containers) ?? []).flatMap(({ network }): Deciding[] =>
    network === undefined ? [] : [network],
  )
  return (knownValue(facts.trafficControl)?.filters.length ?? 0) > 0 || [host, ...inside].some(asks)
}

const known = new WeakMap<HostSnapshot, boolean>()

/** True where a packet of another protocol than a ping's may fare otherwise on the host, or in its containers. */
function asksForProtocol(host: HostSnapshot): boolean {
  const found = known.get(host) ?? hasAsking(host)
  known.set(host, found)
  return found
}

/** A pair by the addresses of its ends. */
export function pairKey({ from, to }: Pair): string {
  return `${from.address} ${to.address}`
}

/** Tells of which pairs a connection fares as the ping did, which is answered. */
export function likePings(snapshot: ClusterSnapshot): (pair: Pair) => boolean {
  const { lost, undecided, detours } = predictions(snapshot)
  const others = new Set([...[...lost, ...undecided].map(({ pair }) => pair), ...detours].map(pairKey))
  const isPlain = ({ host }: Endpoint): boolean => {
    const found = snapshot.hosts.get(host)
    return found !== undefined && !asksForProtocol(found)
  }
  if (knownValue(snapshot.datastore.leases) === undefined) return () => false
  return (pair) => isPlain(pair.from) && isPlain(pair.to) && !others.has(pairKey(pair))
}
