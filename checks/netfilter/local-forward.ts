// With br_netfilter loaded and bridge-nf-call-iptables=1, packets between two ports of one bridge pass the
// FORWARD chains as well (Linux net/bridge/br_netfilter_hooks.c, br_nf_forward_ip). flannel accepts its whole
// network, Docker its own bridge; where neither does and the policy is DROP, neighbours on one host cannot talk.

import { defineHostCheck } from '../define.ts'
import { portsOf, subnetBridge } from '../expected/bridge-link.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { run } from '../heal/steps.ts'
import { formatPrefix, maskPrefix, networkAddress } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import type { Fact } from '../model/snapshot.ts'
import { hostFilters } from '../trace/filter/host-filters.ts'
import { localAddresses } from '../trace/filter/journeys.ts'
import type { Packet } from '../trace/filter/packet.ts'
import { forwardVerdict } from '../trace/filter/verdict.ts'

/** Two containers are the least between which a packet can be lost. */
const PORTS = 2

interface Observed {
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
}

/** Docker separates containers on purpose with `--icc=false`. */
function separates({ argv }: Docker): boolean {
  return argv.some((word) => /^--icc=(false|0|f)$/i.test(word))
}

/** The container bridge by name, where containers share it and may talk. */
function sharedBridge(
  { links, addresses }: Observed,
  expected: ExpectedHost,
  fact: Fact<Docker> | undefined,
): string | undefined {
  const docker = fact?.known ? fact.value : undefined
  const subnet = maskPrefix(expected.lease.subnet)
  const bridge = subnetBridge({ links, addresses, subnet, ...present({ docker }) })
  if (bridge === undefined || portsOf(links, bridge).length < PORTS) return undefined
  return docker !== undefined && separates(docker) ? undefined : bridge.name
}

/** A new flow from one container to another on the bridge. */
function bridged(bridge: string, { lease }: ExpectedHost, addresses: readonly LinkAddress[]): Packet {
  const first = networkAddress(lease.subnet)
  return {
    source: first + 2,
    destination: first + 3,
    protocol: 'tcp',
    sourcePort: 50_001,
    destinationPort: 50_002,
    inLink: bridge,
    outLink: bridge,
    state: 'NEW',
    localAddresses: localAddresses(addresses),
  }
}

export const check = defineHostCheck({
  id: 'netfilter/local-forward',
  title: 'Containers of one host',
  backends: 'any',
  needs: ['links', 'addresses', 'sysctls'],
  needsExpected: true,
  findings: {
    dropped: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'containers on {host} cannot talk to each other: bridge-nf-call-iptables is 1 and {chain} drops packets from {bridge} to {bridge}: {observed}',
      fix: 'Accept them: `iptables -I FORWARD -i {bridge} -o {bridge} -j ACCEPT`, or restart the daemon whose rules are missing (flanneld accepts {network} since v0.10.0).',
      heal: [
        run(
          'iptables -I FORWARD -i {bridge} -o {bridge} -j ACCEPT',
          'containers of this host reach each other',
          'iptables -D FORWARD -i {bridge} -o {bridge} -j ACCEPT',
        ),
      ],
    },
  },
  *evaluate({ host, facts, expected, cluster: { snapshot } }) {
    if (facts.sysctls.get('net.bridge.bridge-nf-call-iptables') !== '1') return
    const bridge = sharedBridge(facts, expected, snapshot.hosts.get(host)?.facts.docker)
    if (bridge === undefined) return
    const filters = hostFilters(snapshot, host)
    const packet = bridged(bridge, expected, facts.addresses)
    const { verdict, by = '', chain = '', world } = forwardVerdict(filters.tables, packet)
    if (verdict === 'unknown') yield { unsure: `what this rule does is undecided: ${chain}: ${by}` }
    if (verdict === 'drop' || verdict === 'reject') {
      const network = formatPrefix(maskPrefix(expected.config.network))
      const data = { chain: `${world} ${chain}`, bridge, network }
      yield {
        code: 'dropped',
        object: named('chain', `${world} ${chain}`),
        expected: 'accepted',
        observed: by,
        data,
      }
    }
    for (const reason of filters.unread) yield { unsure: reason }
  },
})
