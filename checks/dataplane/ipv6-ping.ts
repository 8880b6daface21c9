// Where flannel carries both families each has routes, a tunnel and filters of its own: pings by IPv4 say nothing about IPv6.
// A loss that IPv4 shares is told by the checks of its pings.

import type { Draft, Unsure } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import type { Ipv6PingObservation, Observation } from '../model/observation.ts'
import { endName } from '../model/path.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { saidText } from './ping-evidence.ts'

const isIpv6 = (one: Observation): one is Ipv6PingObservation => one.kind === 'ipv6-ping'

function endsKey({ from, to }: Ipv6PingObservation): string {
  return JSON.stringify([from, to])
}

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

type Code = 'lost' | 'too-small' | 'reduced'

function draftOf(
  code: Code,
  { from, to, address, size, sent, error, command }: Ipv6PingObservation,
): Draft<Code> {
  const ends = `${endName(from)} to ${endName(to)}`
  const observed = error ? saidText(error) : `0 of ${sent} answered`
  return {
    code,
    host: from.host,
    peer: to.host,
    object: `IPv6 ping ${ends}`,
    expected: 'answered',
    observed,
    data: { ends, address, size },
    evidence: [
      {
        source: { host: from.host, section: 'probe', command },
        excerpt: `${ends}: ${size} bytes, ${sent} sent, ${observed}`,
      },
    ],
  }
}

/** What IPv6 packets through the overlay may be as large as: what both VTEPs carry, which may be less than containers were told. */
function carried({ hosts }: ClusterSnapshot, { from, to }: Ipv6PingObservation, vni: number): number {
  const mtus = [from, to].flatMap(({ host }) => {
    const links = hosts.get(host)?.facts.links
    const vtep = links?.known ? links.value.find(({ name }) => name === `flannel-v6.${vni}`) : undefined
    return vtep?.mtu ?? []
  })
  return Math.min(...mtus)
}

/** What became of a full-size ping whose small one was answered; undefined where that is as it should be. */
function sizeTrouble(
  { from, error }: Ipv6PingObservation,
  least: number,
): Exclude<Code, 'lost'> | 'remembered' | undefined {
  if (error?.kind !== 'too-long') return 'too-small'
  if ((error.mtu ?? least) >= least && least !== Number.POSITIVE_INFINITY) return undefined
  return error.by === undefined && from.container !== undefined ? 'remembered' : 'reduced'
}

function* ofSizes(
  pings: readonly Ipv6PingObservation[],
  snapshot: ClusterSnapshot,
  vni: number,
): Iterable<Draft<Code> | Unsure> {
  const answered = new Set(pings.flatMap((one) => (!one.full && one.received > 0 ? endsKey(one) : [])))
  for (const ping of pings) {
    if (!ping.full || ping.sent === 0 || ping.received > 0 || !answered.has(endsKey(ping))) continue
    const trouble = sizeTrouble(ping, carried(snapshot, ping, vni))
    if (trouble === 'remembered')
      yield {
        unsure: `${endName(ping.from)} remembers a path MTU of ${ping.error?.mtu} by IPv6 to ${endName(ping.to)} for up to ten minutes, so larger packets could not be tried`,
      }
    else if (trouble !== undefined) yield draftOf(trouble, ping)
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
    'too-small': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'IPv6 packets of {size} bytes from {ends} ({address}) vanish without a word, while small ones are answered: connections open and then hang',
      fix: 'Let ICMPv6 type 2 ("packet too big") through every packet filter, and find the link with the small MTU: no router divides an IPv6 packet.',
    },
    reduced: {
      severity: 'warning',
      confidence: 'certain',
      says: 'IPv6 packets of {size} bytes from {ends} ({address}) are refused, though both links carry them: {observed}',
      fix: 'Raise the MTU of the link or route that refuses, or set a smaller one in the configuration of flannel; the way below flannel must carry 1350 bytes at least, as IPv6 inside has 1280.',
    },
  },
  *evaluate({ facts: { config }, cluster: { snapshot } }): Generator<Draft<Code> | Unsure> {
    if (!config.enableIpv6) return
    const { observations = [] } = snapshot
    const pings = observations.filter(isIpv6)
    for (const { from, problem } of pings)
      if (problem !== undefined) yield { unsure: `no IPv6 ping from ${endName(from)}: ${problem.detail}` }
    const shared = lostByIpv4(observations)
    const lost = pings.filter(({ full, sent, received }) => !full && sent > 0 && received === 0)
    for (const ping of lost)
      if (!shared.has(pairKey(ping.from.host, ping.to.host))) yield draftOf('lost', ping)
    yield* ofSizes(pings, snapshot, config.vni)
  },
})
