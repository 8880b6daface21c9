/**
 * Every host of a vxlan or udp network takes the others' packets on a UDP port of its public IP: 8472 is the
 * kernel's (flannel pkg/backend/vxlan/vxlan.go), 8285 flanneld's own (pkg/backend/udp/udp_amd64.go). Nothing answers
 * from an open port; a closed one answers with ICMP "port unreachable" (RFC 1122, 4.1.3.1).
 */

import type { Draft, Evidence } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { TunnelPortObservation } from '../model/observation.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

type Code = 'closed' | 'prohibited'

/** Answers shown for one finding. */
const MOST_SHOWN = 3

function portsOf({ observations = [] }: ClusterSnapshot): readonly TunnelPortObservation[] {
  return observations.filter((seen): seen is TunnelPortObservation => seen.kind === 'tunnel-port')
}

function evidenceOf(asked: readonly TunnelPortObservation[]): readonly Evidence[] {
  return asked.slice(0, MOST_SHOWN).map(({ from, to, address, port, error, command }) => ({
    source: { host: from.host, section: 'probe', command },
    excerpt: `${from.host} to ${to.host} ${address} UDP ${port}: ${error ?? ''}`,
  }))
}

/** One host's port as the others found it; those it is closed for, or the host alone when it is so for all of several. */
function* draftsOf(
  code: Code,
  host: HostName,
  asked: readonly TunnelPortObservation[],
): Generator<Draft<Code>> {
  const refused = asked.filter(({ state }) => state === code)
  const isForAll = refused.length > 1 && refused.length === asked.length
  for (const each of isForAll ? refused.slice(0, 1) : refused) {
    const { address, port, from } = each
    yield {
      code,
      host,
      ...(!isForAll && { peer: from.host }),
      object: named('UDP port', port),
      expected: 'no answer, as an open port gives',
      observed: each.error ?? code,
      data: { port, address, who: isForAll ? `${refused.length} hosts` : from.host },
      evidence: evidenceOf(isForAll ? refused : [each]),
    }
  }
}

export const check = defineClusterCheck({
  id: 'dataplane/tunnel-port',
  title: 'UDP port of the overlay, asked by the other hosts',
  backends: ['vxlan', 'udp'],
  needs: [],
  observes: ['tunnel-port'],
  findings: {
    closed: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'UDP port {port} of {host} is closed: {address} answered {who} with "port unreachable"',
      fix: 'On {host}: `ss -lun sport = :{port}` must show a socket (the flannel.VNI link up for vxlan, flanneld running for udp) and no filter may reject the port.',
      heal: [RESTART_FLANNELD],
    },
    prohibited: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a filter refuses UDP port {port} of {host} ({address}) to {who}: {observed}',
      fix: 'Let UDP {port} pass between the hosts, in the firewall of {host} and of the network before it (firewalld refuses with "host prohibited").',
    },
  },
  *evaluate({ cluster: { snapshot } }) {
    const asked = portsOf(snapshot)
    for (const { from, problem } of asked)
      if (problem !== undefined) yield { unsure: `no datagram from ${from.host}: ${problem.detail}` }
    const byHost = Map.groupBy(
      asked.filter(({ problem }) => problem === undefined),
      ({ to }) => to.host,
    )
    for (const code of ['closed', 'prohibited'] as const)
      for (const [host, answers] of byHost) yield* draftsOf(code, host, answers)
  },
})
