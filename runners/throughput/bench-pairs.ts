/** Which ends are measured: those that were named, else the first two hosts. */
import { isExpected } from '../../checks/expected/expected.ts'
import { expectedHost } from '../../checks/expected/expected-host.ts'
import { knownValue } from '../../checks/expected/observed-host.ts'
import { formatAddress } from '../../checks/model/address.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from '../../checks/trace/endpoint.ts'
import type { Endpoint } from '../../checks/trace/trace.ts'
import type { Pair } from '../../checks/trace/walk.ts'
import { InputError } from '../input-error.ts'
import { endsOf, type HostEnds } from '../probe/ends.ts'

/** Two ends as typed. */
export type NamedPair = readonly [source: string, target: string]

/** What `--pair SRC DST`, given any number of times, has gathered. Throws InputError when one has no partner. */
export function namedPairs(words: readonly string[]): readonly NamedPair[] {
  if (words.length % 2 === 1) throw new InputError('--pair: expected two ends, SOURCE TARGET')
  return Array.from({ length: words.length / 2 }, (_, at) => [words[2 * at] ?? '', words[2 * at + 1] ?? ''])
}

/** Throws InputError for words that name nothing; a sentence where what was collected cannot tell. */
function endOf(snapshot: ClusterSnapshot, words: string): Endpoint | string {
  const end = resolveEndpoint(snapshot, words)
  if (isEndpoint(end)) return end
  if (end.unknown) return end.problem
  throw new InputError(`--pair: ${end.problem}`)
}

function resolved(snapshot: ClusterSnapshot, [source, target]: NamedPair): Pair | string {
  const from = endOf(snapshot, source)
  const to = endOf(snapshot, target)
  if (typeof from === 'string') return from
  if (typeof to === 'string') return to
  if (from.host !== to.host) return { from, to }
  throw new InputError(
    `--pair: ${source} and ${target} are both on ${from.host}: nothing between them passes the overlay`,
  )
}

/** A host by its first container, else by its bridge. */
function firstEnd({ host, containers, bridgeAddress }: HostEnds): readonly Endpoint[] {
  const [container] = containers
  if (container !== undefined) return [{ host, container: container.name, address: container.address }]
  return bridgeAddress === undefined ? [] : [{ host, address: bridgeAddress }]
}

/** The first two hosts with a container; hosts without one where there are too few. */
function defaultPair(snapshot: ClusterSnapshot): Pair | string {
  const hosts = [...snapshot.hosts.values()].map((host) => endsOf(snapshot, host))
  const ends = hosts.flatMap((each) => (each.ends === undefined ? [] : firstEnd(each.ends)))
  const [from, to] = ends.toSorted(
    (a, b) => Number(b.container !== undefined) - Number(a.container !== undefined),
  )
  if (from !== undefined && to !== undefined) return { from, to }
  const reasons = hosts.flatMap(({ leftOut }) => leftOut.map(({ end, reason }) => `${end.host}: ${reason}`))
  return `there are no two ends to measure between${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`
}

/** Pairs to measure, and why others cannot be. */
export interface ChosenPairs {
  readonly pairs: readonly Pair[]
  readonly problems: readonly string[]
}

/** The pairs named, else one of the first two hosts. Throws InputError for ends that are not in the network. */
export function choosePairs(snapshot: ClusterSnapshot, named: readonly NamedPair[]): ChosenPairs {
  const chosen = named.length > 0 ? named.map((pair) => resolved(snapshot, pair)) : [defaultPair(snapshot)]
  return {
    pairs: chosen.filter((pair) => typeof pair !== 'string'),
    problems: [...new Set(chosen.filter((pair) => typeof pair === 'string'))],
  }
}

/** How the underlay reaches a host. */
export interface UnderlayEnd {
  /** Its public IP. */
  readonly address: string
  /** Its own address: the public IP, except behind NAT, where flanneld was told `-public-ip`. */
  readonly bind: string
}

/** Where the underlay way of a pair leads, or why that is not known. */
export function underlayEnd(snapshot: ClusterSnapshot, host: string): UnderlayEnd | string {
  const expected = expectedHost(snapshot, host)
  if (!isExpected(expected)) return expected.reason
  const { lease, externalLink, identifiedBy } = expected
  const address = formatAddress(lease.publicIp)
  const { addresses } = snapshot.hosts.get(host)?.facts ?? {}
  const own = (addresses && knownValue(addresses)) ?? []
  if (own.some((each) => each.address === address)) return { address, bind: address }
  const outside = externalLink?.address
  return identifiedBy === 'public-ip-option' && outside !== undefined
    ? { address, bind: formatAddress(outside) }
    : `${host} does not hold its public IP ${address}`
}
