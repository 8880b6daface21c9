// IPv6 has packet filters of its own: flannel appends its accepts to FORWARD of ip6tables (pkg/trafficmngr/iptables/iptables.go,
// forwardRules), which hold against its policy only. Its tunnel is UDP over IPv6 where the lease has a public IPv6 address.

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { printedIpv6Network } from '../model/ipv6.ts'
import { named } from '../model/named.ts'
import { type HostFilters, ipv6Filters } from '../trace/filter/host-filters.ts'
import { ruleEvidence } from '../trace/filter/rule-evidence.ts'
import { type LosingRule, losingRule } from '../trace/filter/verdict.ts'
import { ipv6Packets, type SentIpv6, stoppedBy } from '../trace/pairs/ipv6-packets.ts'
import { ipv6PeersToldApart } from '../trace/pairs/ipv6-peers.ts'
import { ownerOf, removalFixes } from '../trace/pairs/rule-removal.ts'

type Code = 'forward-dropped' | 'tunnel-dropped'

/** Where a rule stands, as its tool names it. */
function placeOf({ world, chain, handle, position, byPolicy }: LosingRule): string {
  const place = `${world} ${chain}`
  return byPolicy ? place : handle === undefined ? `${place} rule ${position}` : `${place} handle ${handle}`
}

function draftOf(
  code: Code,
  rule: LosingRule,
  {
    host,
    network,
    filters,
  }: { readonly host: string; readonly network: string; readonly filters: HostFilters },
): Draft<Code> {
  const { by, byPolicy, packets } = rule
  const owner = ownerOf(rule, network)
  return {
    code,
    object: named(byPolicy ? 'chain' : 'rule', placeOf(rule)),
    expected: 'accepted',
    observed: packets === undefined ? by : `${by}, ${packets} packets`,
    data: { by, place: `${rule.world} ${rule.chain}`, owner: owner === undefined ? '' : `. ${owner}` },
    fixes: removalFixes(rule, { host, network }),
    evidence: ruleEvidence(rule, filters),
  }
}

/** One draft for each rule or policy that certainly takes any of the packets, and what leaves the fate of one open. */
function* judged(
  sent: readonly SentIpv6[],
  place: { readonly host: string; readonly network: string; readonly filters: HostFilters },
): Iterable<Draft<Code> | Unsure> {
  const seen = new Set<string>()
  for (const one of sent) {
    const verdict = stoppedBy(one, place.filters)
    const rule = verdict && losingRule(verdict)
    if (verdict === undefined || rule === undefined) continue
    const code = `${one.as}-dropped` as const
    const key = `${code} ${verdict.verdict === 'unknown'} ${placeOf(rule)} ${rule.by}`
    if (seen.has(key)) continue
    seen.add(key)
    if (verdict.verdict !== 'unknown') yield draftOf(code, rule, place)
    else
      yield {
        unsure: `whether this rule of ${rule.world} ${rule.chain} takes IPv6 packets is not known: ${rule.by}`,
      }
  }
}

const FIX =
  'What writes it does so for IPv6 alone or forgot flannel there: let it accept the IPv6 network as it does that of IPv4{owner}.'
const EXPLAINS = [{ code: 'dataplane/ipv6-ping:lost', when: 'involves-host' }] as const

export const check = defineHostCheck({
  id: 'netfilter/ipv6',
  title: 'Packet filters of IPv6',
  backends: ['vxlan', 'host-gw'],
  needs: ['nftables', 'addresses'],
  needsExpected: true,
  findings: {
    'forward-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '"{by}" of {place} on {host} drops IPv6 packets between the overlay and the container bridge',
      fix: FIX,
      explains: EXPLAINS,
    },
    'tunnel-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '"{by}" of {place} on {host} drops the tunnel packets of IPv6',
      fix: FIX,
      explains: EXPLAINS,
    },
  },
  *evaluate({
    host,
    facts: { addresses },
    expected,
    cluster: { snapshot },
  }): Generator<Draft<Code> | Unsure> {
    const { ipv6 } = expected
    const found = snapshot.hosts.get(host)
    if (ipv6 === undefined || found === undefined) return
    const filters = ipv6Filters(found)
    const all = ipv6.routes.map(({ peer }) => peer)
    const leases = ipv6PeersToldApart(all, found).flatMap(({ lease }) => lease.ipv6 ?? [])
    const network = expected.config.ipv6Network ?? printedIpv6Network(ipv6.subnet)
    yield* judged(ipv6Packets({ ...expected, ipv6 }, addresses, leases), { host, network, filters })
    for (const unread of filters.unread) yield { unsure: unread }
  },
})
