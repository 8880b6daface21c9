// IPv6 has packet filters of its own: flannel appends its accepts to FORWARD of ip6tables (pkg/trafficmngr/iptables/iptables.go,
// forwardRules), which hold against its policy only. Its tunnel is UDP over IPv6 where the lease has a public IPv6 address.

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { printedIpv6Network } from '../model/ipv6.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import { type HostFilters, ipv6Filters } from '../trace/filter/host-filters.ts'
import { ruleEvidence } from '../trace/filter/rule-evidence.ts'
import { type LosingRule, losingRule } from '../trace/filter/verdict.ts'
import { ipv6Packets, type SentIpv6, stoppedBy } from '../trace/pairs/ipv6-packets.ts'
import { ipv6PeersToldApart } from '../trace/pairs/ipv6-peers.ts'
import { ownerOf, type RulePlace, removalFixes } from '../trace/pairs/rule-removal.ts'

type Code = `${SentIpv6['as']}-dropped`

/** Where a rule stands, as its tool names it. */
function placeOf({ world, chain, handle, position, byPolicy }: LosingRule): string {
  const place = `${world} ${chain}`
  return byPolicy ? place : handle === undefined ? `${place} rule ${position}` : `${place} handle ${handle}`
}

interface Place {
  readonly host: string
  readonly network: string
  readonly filters: HostFilters
  readonly udpPort: number | undefined
}

const ICMP = { iptables: ['-p', 'ipv6-icmp'], nft: ['meta', 'l4proto', 'ipv6-icmp'] }

/** What a policy must let pass for each; undefined for packets of the network. */
const ACCEPTED: Readonly<Record<SentIpv6['as'], (port: number | undefined) => RulePlace['accepted']>> = {
  forward: () => undefined,
  tunnel: (port) => ({
    iptables: ['-p', 'udp', '--dport', `${port}`],
    nft: ['udp', 'dport', `${port}`],
  }),
  neighbours: () => ICMP,
  'too-big': () => ICMP,
}

function draftOf(
  { as, isSpared }: SentIpv6,
  rule: LosingRule,
  { host, network, filters, udpPort }: Place,
): Draft<Code> {
  const { by, byPolicy, packets } = rule
  const owner = ownerOf(rule, network)
  return {
    code: `${as}-dropped`,
    object: named(byPolicy ? 'chain' : 'rule', placeOf(rule)),
    expected: 'accepted',
    observed: packets === undefined ? by : `${by}, ${packets} packets`,
    data: { by, place: `${rule.world} ${rule.chain}`, owner: owner === undefined ? '' : `. ${owner}` },
    fixes: removalFixes(rule, { host, network, ...present({ accepted: ACCEPTED[as](udpPort) }) }),
    evidence: ruleEvidence(rule, filters),
    ...(isSpared && { effect: 'risk' as const }),
  }
}

/** One draft for each rule or policy that certainly takes any of the packets, and what leaves the fate of one open. */
function* judged(sent: readonly SentIpv6[], place: Place): Iterable<Draft<Code> | Unsure> {
  const seen = new Set<string>()
  for (const one of sent) {
    const verdict = stoppedBy(one, place.filters)
    const rule = verdict && losingRule(verdict)
    if (verdict === undefined || rule === undefined) continue
    // A rule that takes packets of several kinds is told of the first alone.
    const key = `${verdict.verdict === 'unknown'} ${placeOf(rule)} ${rule.by}`
    if (seen.has(key)) continue
    seen.add(key)
    if (verdict.verdict !== 'unknown') yield draftOf(one, rule, place)
    else
      yield {
        unsure: `whether this rule of ${rule.world} ${rule.chain} takes IPv6 packets is not known: ${rule.by}`,
      }
  }
}

const FIX =
  'What writes it does so for IPv6 alone or forgot flannel there: let it accept the IPv6 network as it does that of IPv4{owner}.'

export const check = defineHostCheck({
  id: 'netfilter/ipv6',
  title: 'Packet filters of IPv6',
  backends: ['vxlan', 'host-gw'],
  needs: ['nftables', 'addresses', 'links'],
  needsExpected: true,
  findings: {
    'forward-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '"{by}" of {place} on {host} drops IPv6 packets between the overlay and the container bridge',
      fix: FIX,
    },
    'tunnel-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '"{by}" of {place} on {host} drops the tunnel packets of IPv6',
      fix: FIX,
    },
    'neighbours-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '"{by}" of {place} on {host} drops neighbour discovery: by IPv6 nobody learns the MAC of the other once entries are stale',
      fix: 'Accept ICMPv6 types 133 to 136 before it: unlike ARP they pass the packet filter{owner}.',
    },
    'too-big-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '"{by}" of {place} on {host} drops "packet too big" for containers: where a link is smaller than theirs, large IPv6 packets vanish and connections hang',
      fix: 'Accept ICMPv6 type 2 before it (RFC 4890, 4.3.1): no router divides an IPv6 packet{owner}.',
    },
  },
  *evaluate({ host, facts, expected, cluster: { snapshot } }): Generator<Draft<Code> | Unsure> {
    const { ipv6 } = expected
    const found = snapshot.hosts.get(host)
    if (ipv6 === undefined || found === undefined) return
    const filters = ipv6Filters(found)
    const all = ipv6.routes.map(({ peer }) => peer)
    const leases = ipv6PeersToldApart(all, found).flatMap(({ lease }) => lease.ipv6 ?? [])
    const network = expected.config.ipv6Network ?? printedIpv6Network(ipv6.subnet)
    yield* judged(ipv6Packets({ ...expected, ipv6 }, facts, leases), {
      host,
      network,
      filters,
      udpPort: expected.udpPort,
    })
    for (const unread of filters.unread) yield { unsure: unread }
  },
})
