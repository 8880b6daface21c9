/**
 * Exactly one of flanneld and Docker should masquerade: flannel tells Docker which through
 * FLANNEL_IPMASQ, which mk-docker-opts.sh inverts into dockerd's --ip-masq
 * (`dist/mk-docker-opts.sh`). The check walks a packet from a container to the outside through
 * every nat POSTROUTING chain, so it sees whichever rule really applies.
 */

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { dockerBridgeName, subnetBridge } from '../expected/bridge-link.ts'
import { dockerMasquerades } from '../expected/docker-masquerade.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { isFlanneldRule } from '../expected/masquerade.ts'
import { dockerWithOptions } from '../heal/docker-start.ts'
import type { HealStep } from '../heal-step.ts'
import { containsAddress, formatPrefix, maskPrefix, parseAddress } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { containerAddress, localAddresses, namedPrefixes } from '../trace/filter/container-address.ts'
import { type HostFilters, hostFilters } from '../trace/filter/host-filters.ts'
import { translationOf } from '../trace/filter/nat.ts'
import type { Packet } from '../trace/filter/packet.ts'
import { ruleEvidence } from '../trace/filter/rule-evidence.ts'
import { hostRules } from '../trace/filter/saved-rules.ts'
import { pairsFrom } from '../trace/pairs/pairs.ts'
import { removalFixes } from '../trace/pairs/rule-removal.ts'
import { writtenSources } from '../trace/pairs/written-sources.ts'
import type { Endpoint } from '../trace/trace.ts'

/** An address outside every network (TEST-NET-3, RFC 5737); nothing is sent there. */
const OUTSIDE = parseAddress('203.0.113.1') ?? 0

/** The option --ip-masq of dockerd speaks of its default bridge only. */
const OF_A_NETWORK =
  'Create the Docker network of {bridge} again with `-o com.docker.network.bridge.enable_ip_masquerade=false`: the option --ip-masq of dockerd has no effect on it. Until then delete the rule.'

const OF_FLANNELD =
  'The rule is that of flanneld, for packets of others: see by which link and address the container sends (`ip route get` of the peer’s address in its namespace).'

/** True for the bridge of a network that somebody created, whatever it is called; by its usual name where the Engine does not tell. */
function isOfANetwork({ name }: Link, docker: Docker): boolean {
  const isTold = docker.networks.some(({ bridge }) => bridge === name)
  return isTold ? name !== dockerBridgeName(docker) : name.startsWith('br-')
}

export const check = defineHostCheck({
  id: 'netfilter/container-masquerade',
  title: 'Who masquerades the containers',
  backends: 'any',
  needs: ['links', 'addresses', 'docker'],
  needsExpected: true,
  findings: {
    none: {
      severity: 'warning',
      confidence: 'likely',
      says: 'neither flanneld nor Docker masquerades containers on {host}: they reach their peers but nothing outside the network',
      fix: 'Start flanneld with -ip-masq=true, or dockerd with --ip-masq=true. Ignore this if a router outside knows the way back to the containers.',
    },
    double: {
      severity: 'info',
      confidence: 'certain',
      says: 'both flanneld and Docker masquerade on {host} ({observed}); unless flannel exempts its network before it, peers see the address of the host instead of the container',
      fix: 'Start dockerd with --ip-masq=false, as mk-docker-opts.sh does when flanneld runs with -ip-masq.',
    },
    'hides-source': {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld on {host} is to keep the addresses of containers towards {peer}, but a rule translates them: {observed}; peers see the host instead of the container',
      fix: 'Remove the rule; if it is that of Docker, start dockerd with --ip-masq=false, as mk-docker-opts.sh does. Since v0.20.0 the exemption of flannel ends its own chain only, so later rules still apply.',
    },
  },
  *evaluate({ host, facts, expected, cluster }) {
    const subnet = maskPrefix(expected.lease.subnet)
    const bridge = subnetBridge({ ...facts, subnet })
    if (bridge !== undefined && expected.subnetEnv.ipMasq === true) {
      const isOfNetwork = isOfANetwork(bridge, facts.docker)
      yield* hiddenSource(expected, cluster.snapshot, { host, bridge, isOfNetwork })
    }
    if (!facts.docker.running || bridge === undefined || bridge.name !== dockerBridgeName(facts.docker))
      return
    const { ipMasq } = expected.subnetEnv
    const { rules, unread } = hostRules(cluster.snapshot.hosts.get(host))
    const ofDocker = rules.find(
      ({ table, words }) => table === 'nat' && dockerMasquerades(words.join(' ')) === formatPrefix(subnet),
    )
    if (ipMasq === true && ofDocker) {
      yield { code: 'double', object: named('rule', ofDocker.text), observed: ofDocker.text }
    }
    if (ipMasq !== false) return
    const filters = hostFilters(cluster.snapshot, host)
    const heal = dockerWithOptions(facts.docker, expected.subnetEnv)
    yield* unmasqueraded(expected, filters, { host, bridge, addresses: facts.addresses, unread, heal })
  },
})

/** With -ip-masq flannel exempts traffic inside its network from translation (`masqRules`): what the walk of a connection meets. */
function* hiddenSource(
  { config, lease }: ExpectedHost,
  snapshot: ClusterSnapshot,
  place: { readonly host: HostName; readonly bridge: Link; readonly isOfNetwork: boolean },
): Iterable<Draft<'none' | 'double' | 'hides-source'>> {
  const { host, bridge, isOfNetwork } = place
  const [pair] = pairsFrom(snapshot, host)
  const isOfLease = ({ address }: Endpoint) => containsAddress(lease.subnet, parseAddress(address) ?? 0)
  const [from, to] = [pair?.from.containers.find(isOfLease), pair?.to.containers[0]]
  if (from === undefined || to === undefined) return
  const rule = writtenSources(snapshot, { from, to }).find((one) => one.host === host)?.rule
  if (rule === undefined) return
  const isFlanneld = isFlanneldRule(rule)
  const network = formatPrefix(maskPrefix(config.network))
  yield {
    code: 'hides-source',
    peer: to.host,
    object: named('rule', rule.by),
    observed: rule.by,
    fixes: isFlanneld ? [] : removalFixes(rule, { host, network }),
    ...(isFlanneld ? { fix: OF_FLANNELD } : isOfNetwork && { fix: OF_A_NETWORK }),
    evidence: ruleEvidence(rule, hostFilters(snapshot, host)),
    data: { bridge: bridge.name },
  }
}

/** A packet to the outside that nobody translates. */
function* unmasqueraded(
  expected: ExpectedHost,
  filters: HostFilters,
  place: OutboundBridge & { readonly unread: readonly string[]; readonly heal: readonly HealStep[] },
): Iterable<Draft<'none' | 'double' | 'hides-source'> | Unsure> {
  const { translated, by } = translationOf(filters.tables, outboundPacket(expected, filters, place))
  if (translated === 'unknown') yield { unsure: `what this rule does is undecided: ${by}` }
  if (translated !== false) return
  yield* place.unread.map((reason) => ({ unsure: reason }))
  const subnet = formatPrefix(maskPrefix(expected.lease.subnet))
  if (place.unread.length === 0) yield { code: 'none', object: named('subnet', subnet), heal: place.heal }
}

interface OutboundBridge {
  readonly host: HostName
  readonly bridge: Link
  readonly addresses: readonly LinkAddress[]
}

/** The first packet of a connection from a container to the outside. */
function outboundPacket(
  { lease, externalLink }: ExpectedHost,
  filters: HostFilters,
  place: OutboundBridge,
): Packet {
  return {
    source: containerAddress(maskPrefix(lease.subnet), namedPrefixes(filters)),
    destination: OUTSIDE,
    protocol: 'tcp',
    sourcePort: 50_001,
    destinationPort: 443,
    inLink: place.bridge.name,
    ...(externalLink && { outLink: externalLink.name }),
    state: 'NEW',
    localAddresses: localAddresses(place.addresses),
  }
}
