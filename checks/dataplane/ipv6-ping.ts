// Where flannel carries both families each has routes, a tunnel and filters of its own: pings by IPv4 say nothing about IPv6.
// A loss that IPv4 shares is told by the checks of its pings.

import type { Draft, Unsure } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import type { Ipv6PingObservation, Observation } from '../model/observation.ts'
import { endName } from '../model/path.ts'
import type { HostName } from '../model/snapshot.ts'
import { saidText } from './ping-evidence.ts'

const isIpv6 = (one: Observation): one is Ipv6PingObservation => one.kind === 'ipv6-ping'

function pairKey(from: HostName, to: HostName): string {
  return JSON.stringify([from, to])
}

/** Ordered pairs of hosts between which nothing came through the overlay by IPv4 either. */
function lostByIpv4(observations: readonly Observation[]): ReadonlySet<string> {
  const lost = new Set<string>()
  const answered = new Set<string>()
  for (const one of observations) {
    if (one.kind !== 'ping' || one.pattern === 'hu' || one.full || one.sent === 0) continue
    const pair = pairKey(one.from.host, one.to.host)
    if (one.received > 0) answered.add(pair)
    else lost.add(pair)
  }
  return new Set([...lost].filter((pair) => !answered.has(pair)))
}

function draftOf({ from, to, address, sent, error, command }: Ipv6PingObservation): Draft<'lost'> {
  const ends = `${endName(from)} to ${endName(to)}`
  const observed = error ? saidText(error) : `0 of ${sent} answered`
  return {
    code: 'lost',
    host: from.host,
    peer: to.host,
    object: `IPv6 ping ${ends}`,
    expected: 'answered',
    observed,
    data: { ends, address },
    evidence: [
      {
        source: { host: from.host, section: 'probe', command },
        excerpt: `${ends}: ${sent} sent, ${observed}`,
      },
    ],
  }
}

export const check = defineClusterCheck({
  id: 'dataplane/ipv6-ping',
  title: 'Pings by IPv6 through the overlay',
  backends: ['vxlan', 'host-gw'],
  needs: ['config'],
  observes: ['ipv6-ping'],
  findings: {
    lost: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{ends} is not answered by IPv6 ({address}), while IPv4 passes between the two hosts',
      fix: 'Follow it by hand on both hosts: `ip -6 route get {address}`, `tcpdump -ni any icmp6`, and the packet filters: `ip6tables-save -c`, `nft list ruleset`. Rules that let IPv4 pass say nothing about IPv6.',
    },
  },
  *evaluate({ facts: { config }, cluster: { snapshot } }): Generator<Draft<'lost'> | Unsure> {
    if (!config.enableIpv6) return
    const { observations = [] } = snapshot
    const pings = observations.filter(isIpv6)
    for (const { from, problem } of pings)
      if (problem !== undefined) yield { unsure: `no IPv6 ping from ${endName(from)}: ${problem.detail}` }
    const shared = lostByIpv4(observations)
    const lost = pings.filter(({ sent, received }) => sent > 0 && received === 0)
    for (const ping of lost) if (!shared.has(pairKey(ping.from.host, ping.to.host))) yield draftOf(ping)
  },
})
