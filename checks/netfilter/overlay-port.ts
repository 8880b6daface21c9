/**
 * Encapsulated packets of the peers come to the host itself, as UDP on the external link:
 * port 8472 for vxlan (kernel default, flannel `pkg/backend/vxlan/vxlan.go`), 8285 for udp
 * (`pkg/backend/udp/udp_amd64.go`). flannel opens no port: the host's INPUT chains must accept.
 * vxlan hashes the source port per flow, so no packet is ever a reply to conntrack.
 */
import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost, Peer } from '../expected/expected.ts'
import { run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { formatAddress } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import { present } from '../model/present.ts'
import { type HostFilters, hostFilters } from '../trace/filter/host-filters.ts'
import { localAddresses, namedPrefixes } from '../trace/filter/journeys.ts'
import { type Loss, lossDrafts } from '../trace/filter/loss.ts'
import type { Packet } from '../trace/filter/packet.ts'
import { inputVerdict } from '../trace/filter/verdict.ts'

/** First port the kernel takes for a vxlan source (net.ipv4.ip_local_port_range). */
const VXLAN_SOURCE_PORT = 32_768

/** One peer for all, and every peer whose public IP a rule names alone. */
function judgedPeers(
  expected: ExpectedHost,
  filters: HostFilters,
): readonly { peer: Peer; isNamed: boolean }[] {
  const named = new Set(
    namedPrefixes(filters).flatMap(({ address, length }) => (length === 32 ? [address] : [])),
  )
  const encapsulated = expected.peers.filter(({ direct }) => !direct)
  const standing = encapsulated.find(({ lease }) => !named.has(lease.publicIp)) ?? encapsulated[0]
  return encapsulated
    .map((peer) => ({ peer, isNamed: named.has(peer.lease.publicIp) }))
    .filter(({ peer, isNamed }) => isNamed || peer === standing)
}

function encapsulated(
  expected: ExpectedHost,
  addresses: readonly LinkAddress[],
): Omit<Packet, 'source'> | undefined {
  const { udpPort, externalLink, link, lease } = expected
  if (udpPort === undefined || externalLink === undefined) return undefined
  return {
    destination: externalLink.address ?? lease.publicIp,
    protocol: 'udp',
    sourcePort: link?.kind === 'tun' ? udpPort : VXLAN_SOURCE_PORT,
    destinationPort: udpPort,
    inLink: externalLink.name,
    state: 'NEW',
    localAddresses: localAddresses(addresses),
  }
}

/** A rule goes; before a policy the port is opened, in the chain that holds it. */
function openPort(world: string, chain: string): readonly HealStep[] {
  const isIptables = world !== 'nft'
  const tool = world === 'iptables-legacy' ? 'iptables-legacy' : 'iptables'
  const words = isIptables
    ? '-i {link} -p udp --dport {port} -j ACCEPT'
    : 'iifname {link} udp dport {port} accept'
  const command = isIptables
    ? `${tool} -t {table} -I {name} ${words}`
    : `nft insert rule {table...} {name} ${words}`
  const undo = isIptables && chain !== '' ? `${tool} -t {table} -D {name} ${words}` : undefined
  return [run(command, 'packets of the overlay pass before the policy', undo)]
}

function dropped({ byPolicy, draft }: Loss, port: number, link: string): Draft<'dropped'> {
  const { fixes, data, ...rest } = draft
  const { world = '', chain = '' } = data ?? {}
  const slash = String(chain).lastIndexOf('/')
  const place = { table: String(chain).slice(0, slash), name: String(chain).slice(slash + 1) }
  return {
    ...rest,
    ...(byPolicy ? { heal: openPort(String(world), String(chain)) } : present({ fixes })),
    code: 'dropped',
    expected: `UDP ${port} accepted`,
    data: { ...data, ...place, port, link },
  }
}

export const check = defineHostCheck({
  id: 'netfilter/overlay-port',
  title: 'UDP port of the overlay in the host firewall',
  backends: ['vxlan', 'udp'],
  needs: ['addresses'],
  needsExpected: true,
  findings: {
    dropped: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'encapsulated packets from peers (UDP {port} on {link}) are dropped on {host}, in {world} chain {chain}: {observed}',
      fix: 'Open the port for the peers, before that rule: UDP {port} on {link}. {packets} packets have met the rule or policy so far.',
    },
  },
  *evaluate({ host, facts, expected, cluster }) {
    if (expected.udpPort === undefined) return
    const filters = hostFilters(cluster.snapshot, host)
    const packet = encapsulated(expected, facts.addresses)
    if (packet === undefined) {
      yield { unsure: 'the external link is unknown' }
      return
    }
    const judged = judgedPeers(expected, filters).map(({ peer, isNamed }) => {
      const arriving = { ...packet, source: peer.lease.publicIp }
      const words = `from ${formatAddress(arriving.source)}`
      return {
        journey: { words, packet: arriving, ...(isNamed && { peer }) },
        verdict: inputVerdict(filters.tables, arriving),
      }
    })
    for (const loss of lossDrafts(judged, filters, { host, expected })) {
      if ('unsure' in loss) yield loss
      else yield dropped(loss, expected.udpPort, packet.inLink ?? '')
    }
    for (const reason of filters.unread) yield { unsure: reason }
  },
})
