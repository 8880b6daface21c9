// With br_netfilter loaded and bridge-nf-call-iptables=1, packets between two ports of one bridge pass the
// FORWARD chains as well (Linux net/bridge/br_netfilter_hooks.c, br_nf_forward_ip). flannel accepts its whole
// network, Docker its own bridge; where neither does and the policy is DROP, neighbours on one host cannot talk.

import { defineHostCheck } from '../define.ts'
import { portsOf, subnetBridge } from '../expected/bridge-link.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { run } from '../heal/steps.ts'
import { formatAddress, formatPrefix, maskPrefix, networkAddress } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, Fact, HostName } from '../model/snapshot.ts'
import { losingHop, PLAIN_SIZE } from '../trace/pairs/predictions.ts'
import { walk } from '../trace/walk.ts'

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

/** The first packet of a connection from one container on the bridge to another, walked. */
function walkedOn(bridge: string, host: HostName, at: { snapshot: ClusterSnapshot; expected: ExpectedHost }) {
  const first = networkAddress(at.expected.lease.subnet)
  const end = (address: string) => ({ host, container: address, address, assumedOn: bridge })
  const pair = { from: end(formatAddress(first + 2)), to: end(formatAddress(first + 3)) }
  return losingHop(walk(at.snapshot, pair, { size: PLAIN_SIZE, protocol: 'tcp' }))
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
    const hop = walkedOn(bridge, host, { snapshot, expected })
    if (hop?.hook === undefined) return
    const { world, chain = '', by } = hop.rule ?? {}
    if (hop.predicted !== 'filtered') return yield { unsure: hop.why ?? `${chain} is undecided` }
    const network = formatPrefix(maskPrefix(expected.config.network))
    yield {
      code: 'dropped',
      object: named('chain', `${world} ${chain}`),
      expected: 'accepted',
      data: { chain: `${world} ${chain}`, bridge, network },
      evidence: hop.used,
      ...present({ observed: by }),
    }
  },
})
