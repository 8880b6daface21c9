/**
 * flannel carries every IP packet between containers, whatever its protocol (flannel README). Where pings are answered and
 * TCP or UDP is not, something on the way tells protocols apart: a filter, or checksums, which ICMP computes in software
 * and TCP and UDP leave to links (Linux `Documentation/networking/checksum-offloads.rst`).
 */
import type { Draft, Evidence } from '../check.ts'
import type { ConnectionObservation } from '../model/observation.ts'
import { endName } from '../model/path.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { definePingCheck } from './host-pair-check.ts'
import { extentsOf, extentText } from './host-pairs.ts'

type Loss = 'tcp-lost' | 'udp-lost' | 'tcp-stalled'
type Code = Loss | 'not-tried'

/** Connections shown for one finding. */
const MOST_SHOWN = 3

/** What was tried between two hosts, in either direction. */
interface TriedPair {
  readonly a: HostName
  readonly b: HostName
  readonly tried: readonly ConnectionObservation[]
}

function triedOf({ observations = [] }: ClusterSnapshot): readonly ConnectionObservation[] {
  return observations.filter((seen): seen is ConnectionObservation => seen.kind === 'connection')
}

function codeOf({ protocol, state }: ConnectionObservation): Loss | undefined {
  if (state === undefined || state === 'answered') return undefined
  return state === 'stalled' ? 'tcp-stalled' : `${protocol}-lost`
}

function pairsOf(tried: readonly ConnectionObservation[]): readonly TriedPair[] {
  const groups = Map.groupBy(tried, ({ from, to }) => JSON.stringify([from.host, to.host].sort()))
  return [...groups].map(([ends, own]) => {
    const [a, b] = JSON.parse(ends) as [HostName, HostName]
    return { a, b, tried: own }
  })
}

function resultText({ state, error }: ConnectionObservation): string {
  if (state === 'stalled') return 'opened, then nothing came back'
  return state === 'refused' ? `refused by another than the listener: ${error ?? ''}` : 'no answer'
}

function evidenceOf(lost: readonly ConnectionObservation[]): readonly Evidence[] {
  return lost.slice(0, MOST_SHOWN).map((one) => ({
    source: { host: one.from.host, section: 'probe', command: one.command },
    excerpt: `${endName(one.from)} to ${endName(one.to)} ${one.address} ${one.protocol.toUpperCase()} port ${one.port}: ${resultText(one)}`,
  }))
}

function* draftsOf(code: Loss, all: readonly TriedPair[]): Generator<Draft<Code>> {
  const troubled = all.filter(({ tried }) => tried.some((one) => codeOf(one) === code))
  for (const place of extentsOf(all, troubled)) {
    const tried = place.pairs.flatMap((pair) => pair.tried)
    const lost = tried.filter((one) => codeOf(one) === code)
    const [first] = lost
    if (first === undefined) continue
    const protocol = first.protocol.toUpperCase()
    const same = tried.filter((one) => one.protocol === first.protocol)
    yield {
      code,
      ...(place.host !== undefined && { host: place.peer === undefined ? place.host : first.from.host }),
      ...(place.peer !== undefined && { peer: first.to.host }),
      object: protocol,
      expected: 'the listener gives back what was sent',
      observed: `${lost.length} of ${same.length} did not: ${resultText(first)}`,
      data: { between: extentText(place), protocol },
      evidence: evidenceOf(lost),
    }
  }
}

/** Hosts that have nothing to open, or to listen for, connections with: that decides nothing about the network. */
function* notTried(all: readonly ConnectionObservation[]): Generator<Draft<Code>> {
  for (const [detail, own] of Map.groupBy(all, ({ problem }) => problem?.detail ?? '')) {
    const ways = new Set(own.map(({ from, to }) => `${endName(from)} to ${endName(to)}`))
    const [way = '', ...more] = ways
    const between = more.length === 0 ? way : `${way} and ${more.length} more`
    yield {
      code: 'not-tried',
      object: 'TCP and UDP',
      observed: detail,
      data: { between },
      evidence: own.slice(0, 1).map(({ from, command }) => ({
        source: { host: from.host, section: 'probe', command },
        excerpt: detail,
      })),
    }
  }
}

const LOOK =
  'Look at what tells {protocol} from ICMP on the way: rules of both hosts, of the containers and of the network between that name a protocol or a port, and checksums (`nstat -az TcpInCsumErrors UdpInCsumErrors` on the receiving side; `ethtool -K LINK tx-checksum-ip-generic off` for the flannel link has them made in software). `flannel-doctor trace --{flag} PORT` follows such a packet.'

export const check = definePingCheck<Code>({
  id: 'dataplane/connection',
  title: 'TCP and UDP where pings are answered',
  observes: ['connection'],
  findings: {
    'tcp-lost': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'TCP connections of containers {between} are not made although their pings are answered: {observed}',
      fix: LOOK.replace('{flag}', 'tcp'),
    },
    'udp-lost': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'UDP of containers {between} does not arrive although their pings do: {observed}',
      fix: LOOK.replace('{flag}', 'udp'),
    },
    'not-tried': {
      severity: 'info',
      confidence: 'certain',
      says: 'no TCP connection was opened and no UDP sent from {between}: {observed}',
      fix: 'Install perl or python3 on the host of the receiver, and bash on that of the sender, to have them tried; what is known of TCP and UDP without them is what rules and routes say (layer path)',
    },
    'tcp-stalled': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'TCP connections of containers {between} are made and then carry nothing: {observed}',
      fix: 'Look for what takes large segments only: an MTU smaller than promised (`ip link`), segmentation or checksum offload that is done wrong (`ethtool -K LINK tso off gso off tx-checksum-ip-generic off` for the flannel link, then again), a filter that wants connections it has seen from their start.',
    },
  },
  *evaluate(snapshot) {
    const tried = triedOf(snapshot)
    const lacksTool = ({ problem }: ConnectionObservation): boolean => problem?.why === 'not-installed'
    yield* notTried(tried.filter(lacksTool))
    const reasons = tried.flatMap(({ from, to, problem }) =>
      problem === undefined || problem.why === 'not-installed'
        ? []
        : [`no connection from ${endName(from)} to ${endName(to)}: ${problem.detail}`],
    )
    for (const unsure of new Set(reasons)) yield { unsure }
    const pairs = pairsOf(tried.filter(({ problem }) => problem === undefined))
    for (const code of ['tcp-lost', 'udp-lost', 'tcp-stalled'] as const) yield* draftsOf(code, pairs)
  },
})
