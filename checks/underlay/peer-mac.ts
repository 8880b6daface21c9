// Outer packets and host-gw routes reach a peer by the MAC that answers ARP for its public IP. Two machines with one
// address, or clones with one MAC, take each other's frames away: the switch sends them where it heard the MAC last.
// Nothing in etcd shows it; the neighbour table of one host beside the links of the other does.
import { defineClusterCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { run } from '../heal/steps.ts'
import { containsAddress, formatAddress, type Prefix } from '../model/address.ts'
import { printedIpv6 } from '../model/ipv6.ts'
import type { Neighbour } from '../model/neighbour.ts'
import type { HostFacts, HostName } from '../model/snapshot.ts'
import { kindsIn } from '../model/table-kind.ts'
import { byAddress as neighboursByAddress } from '../model/table-lookup.ts'

/** States in which a neighbour's MAC was heard from it (ip-neighbour(8)). */
const SETTLED = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT'])

interface Seen {
  readonly host: HostName
  readonly expected: ExpectedHost
  /** Of every link: the address may stand on a bridge or a bond above the external link. */
  readonly macs: ReadonlySet<string>
  readonly external: string
  /** Its public addresses that are its own: that of a NAT in front of it has the MAC of the NAT. */
  readonly addresses: readonly string[]
  /** Networks of the external link. */
  readonly connected: readonly Prefix[]
  readonly neighbours: readonly Neighbour[]
}

const onLink = kindsIn<Neighbour>(neighboursByAddress, ({ link }) => link)

type Facts = Pick<HostFacts, 'links' | 'addresses' | 'neighbours'>

function ownAddresses(
  { externalLink, lease: { publicIp, ipv6 } }: ExpectedHost,
  held: HostFacts['addresses'],
): readonly string[] {
  const second = ipv6?.publicIp
  const has = held.some(({ address }) => second !== undefined && printedIpv6(address) === second)
  return [
    ...(externalLink?.address === publicIp ? [formatAddress(publicIp)] : []),
    ...(second !== undefined && has ? [second] : []),
  ]
}

function seenOn(host: HostName, facts: Facts, expected: ExpectedHost | undefined): readonly Seen[] {
  const name = expected?.externalLink?.name
  const external = facts.links.find((link) => link.name === name)?.mac
  if (expected === undefined || external === undefined) return []
  const macs = new Set(facts.links.flatMap(({ mac }) => mac ?? []))
  const connected = facts.addresses.flatMap(({ link, prefix }) => (prefix && link === name ? [prefix] : []))
  const neighbours = onLink(facts.neighbours, name ?? '').filter(({ states }) =>
    states.some((state) => SETTLED.has(state)),
  )
  const addresses = ownAddresses(expected, facts.addresses)
  return [{ host, expected, macs, external, addresses, connected, neighbours }]
}

/** Pairs of hosts on one segment whose external links have one MAC; the first holder stands for all. */
function* clones(hosts: readonly Seen[]) {
  for (const [mac, same] of Map.groupBy(hosts, ({ external }) => external)) {
    const [first, ...others] = same
    for (const other of others) {
      const address = other.expected.externalLink?.address
      const isNear =
        address !== undefined && first?.connected.some((prefix) => containsAddress(prefix, address))
      if (first === undefined || !isNear) continue
      yield {
        code: 'duplicate' as const,
        host: first.host,
        peer: other.host,
        object: `MAC ${mac}`,
        observed: mac,
      }
    }
  }
}

/** Hosts by their public addresses of either family. */
function byOwnAddress(hosts: readonly Seen[]): ReadonlyMap<string, readonly Seen[]> {
  const pairs = hosts.flatMap((one) => one.addresses.map((address) => ({ address, one })))
  return new Map(
    [...Map.groupBy(pairs, ({ address }) => address)].map(([key, all]) => [key, all.map(({ one }) => one)]),
  )
}

/** The MAC with the family of its address; every machine has one link-local address of IPv6 beside its others. */
function ofFamily({ address, mac }: Neighbour): string | undefined {
  if (mac === undefined || /^fe80:/i.test(address)) return undefined
  return `${mac} ${address.includes(':')}`
}

/** What somebody wrote by hand is never asked for. */
const ASKED_ANEW = run('ip neigh del {address} dev {link}', '{address} is asked for again')

/** Entries whose MAC stands for one address of its family: that of several is a router's or a fabric's. */
function* ofOneMachine(neighbours: readonly Neighbour[]) {
  for (const [key, all] of Map.groupBy(neighbours, ofFamily)) {
    const [entry] = all
    if (key !== undefined && all.length === 1 && entry?.mac !== undefined) yield { ...entry, mac: entry.mac }
  }
}

/** Public IPs for which a machine answers that is not the peer. */
function* strangers({ host, expected, neighbours }: Seen, byAddress: ReadonlyMap<string, readonly Seen[]>) {
  const link = expected.externalLink?.name ?? ''
  for (const { address, mac, states } of ofOneMachine(neighbours)) {
    const holders = byAddress.get(printedIpv6(address) ?? address) ?? []
    for (const peer of holders.filter((other) => other.host !== host && !other.macs.has(mac))) {
      const place = { host, peer: peer.host, object: `neighbour ${address}` }
      yield {
        code: 'other-machine' as const,
        ...place,
        expected: peer.external,
        observed: mac,
        data: { address, link },
        ...(states.includes('PERMANENT') && { heal: [ASKED_ANEW] }),
      }
    }
  }
}

export const check = defineClusterCheck({
  id: 'underlay/peer-mac',
  title: 'MACs of the hosts in the underlay',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['links', 'addresses', 'neighbours', 'leases', 'config'],
  findings: {
    duplicate: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the external links of {host} and {peer} have one MAC, {observed}: each takes frames of the other',
      fix: 'Give one of the machines another MAC (in its hypervisor for a cloned one), then restart its network.',
      explains: [
        { code: 'dataplane/*', when: 'involves-either' },
        { code: 'underlay/peer-mac:other-machine', when: 'involves-either' },
        { code: 'path/neighbour:*', when: 'involves-either' },
      ],
    },
    'other-machine': {
      severity: 'warning',
      confidence: 'likely',
      says: 'on {host} {address}, the public IP of {peer}, stands for {observed}, which is no MAC of {peer} (it has {expected}): another machine answers for this address',
      fix: 'Find the machine with {observed} (`bridge fdb`, the switch’s table) and take {address} from it; then `ip neigh flush to {address}` on the hosts.',
      explains: [{ code: 'dataplane/*', when: 'same-pair' }],
    },
  },
  *evaluate({ hosts }) {
    const seen = [...hosts].flatMap(([host, { facts, expected }]) => seenOn(host, facts, expected))
    yield* clones(seen)
    const byAddress = byOwnAddress(seen)
    for (const one of seen) yield* strangers(one, byAddress)
  },
})
