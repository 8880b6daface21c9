// With -ip-masq flanneld masquerades what leaves the IPv6 network and spares what stays in it (pkg/trafficmngr/iptables/iptables.go,
// masqIP6Rules; pkg/trafficmngr/nftables/nftables.go). Both are asked of the kernel's rules by walking a packet of a container, so that
// it does not matter who wrote them.
import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost, Peer } from '../expected/expected.ts'
import { ipv6Bridge } from '../expected/ipv6-ends.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { printedIpv6Network } from '../model/ipv6.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { type HostFilters, ipv6Filters } from '../trace/filter/host-filters.ts'
import { translationOf } from '../trace/filter/nat.ts'
import { ruleEvidence } from '../trace/filter/rule-evidence.ts'
import { ipv6Packet } from '../trace/pairs/ipv6-packets.ts'
import { removalFixes } from '../trace/pairs/rule-removal.ts'

type Code = 'none' | 'hides-source'

/** An address outside every network (documentation, RFC 9637); nothing is sent there. */
const OUTSIDE = '3fff::1'

/** A container of the host that sends: what its packets are told apart by. */
interface Sender {
  readonly own: string
  readonly network: string
  readonly inLink: string
  readonly external: string
  readonly overlay: string
}

/** Undefined where no container has an IPv6 address, or flanneld is not to masquerade. */
function senderOf(expected: ExpectedHost, addresses: readonly LinkAddress[]): Sender | undefined {
  const { ipv6, externalLink, subnetEnv, config } = expected
  if (ipv6 === undefined || externalLink === undefined || subnetEnv.ipMasq !== true) return undefined
  const bridge = ipv6Bridge(addresses, ipv6)
  if (bridge === undefined) return undefined
  const { subnet, link } = ipv6
  return {
    own: subnet.network,
    network: config.ipv6Network ?? printedIpv6Network(subnet),
    inLink: bridge,
    external: externalLink.name,
    overlay: link?.name ?? externalLink.name,
  }
}

/** What becomes of a packet to the outside. */
function* outwards(
  { own, network, inLink, external }: Sender,
  { tables }: HostFilters,
): Iterable<Draft<Code> | Unsure> {
  const { translated, by } = translationOf(tables, ipv6Packet(own, OUTSIDE, { inLink, outLink: external }))
  if (translated === 'unknown') yield { unsure: `what this rule does is undecided: ${by}` }
  if (translated === false) yield { code: 'none', object: named('subnet', network), data: { network } }
}

/** What becomes of one to a peer. */
function* towards(
  peer: Peer | undefined,
  { own, network, inLink, overlay }: Sender,
  { host, filters }: { readonly host: string; readonly filters: HostFilters },
): Iterable<Draft<Code>> {
  const theirs = peer?.lease.ipv6?.subnet.network
  if (peer === undefined || theirs === undefined) return
  const packet = ipv6Packet(own, theirs, { inLink, outLink: overlay })
  const { translated, rule } = translationOf(filters.tables, packet)
  if (translated !== true || rule === undefined) return
  yield {
    code: 'hides-source',
    peer: peer.name,
    object: named('rule', rule.by),
    observed: rule.by,
    data: { network },
    fixes: removalFixes(rule, { host, network }),
    evidence: ruleEvidence(rule, filters),
  }
}

export const check = defineHostCheck({
  id: 'netfilter/ipv6-masquerade',
  title: 'Who masquerades containers by IPv6',
  backends: ['vxlan', 'host-gw'],
  needs: ['nftables', 'addresses'],
  needsExpected: true,
  findings: {
    none: {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld on {host} is to masquerade containers, but no rule does so by IPv6: they reach their peers but nothing outside the network',
      fix: 'See that flanneld runs and can run ip6tables; restarting it writes the rules again. Ignore this if a router outside knows the way back to {network}.',
      heal: [RESTART_FLANNELD],
    },
    'hides-source': {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld on {host} is to keep the IPv6 addresses of containers towards {peer}, but a rule translates them: {observed}; peers see the host instead of the container',
      fix: 'Remove the rule, or let it spare {network}: the exemption of flannel ends its own chain only.',
    },
  },
  *evaluate({
    host,
    facts: { addresses },
    expected,
    cluster: { snapshot },
  }): Generator<Draft<Code> | Unsure> {
    const found = snapshot.hosts.get(host)
    const sender = senderOf(expected, addresses)
    if (found === undefined || sender === undefined) return
    const filters = ipv6Filters(found)
    if (filters.unread.length > 0) return yield* filters.unread.map((unsure) => ({ unsure }))
    yield* outwards(sender, filters)
    yield* towards(expected.ipv6?.routes[0]?.peer, sender, { host, filters })
  },
})
