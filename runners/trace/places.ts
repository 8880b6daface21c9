/** Where taps are set for one ping: every link of the predicted way, and of both ends as far as each can be known. */
import { isExpected } from '../../checks/expected/expected.ts'
import { expectedHost } from '../../checks/expected/expected-host.ts'
import { knownValue } from '../../checks/expected/observed-host.ts'
import type { Container } from '../../checks/model/container-bridge.ts'
import type { Link } from '../../checks/model/link.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../checks/model/snapshot.ts'
import { containerAt } from '../../checks/trace/endpoint.ts'
import type { Endpoint, Hop, Stage } from '../../checks/trace/trace.ts'
import type { Pair, WalkedPing } from '../../checks/trace/walk.ts'

/** One link to watch. */
export interface Place {
  readonly host: string
  /** The container that has the link; absent for a link of the host. */
  readonly container?: string
  readonly link: string
  readonly stage: Stage
}

/** Names flannel gives its links: `flannel.VNI` for vxlan, `flannelN` for the udp backend. */
const FLANNEL_LINK = /^flannel[.\d]/
/** A host with links of former configurations is watched on the first few. */
const MOST_FLANNEL_LINKS = 3

function containerPlaces(container: Container, end: Endpoint, links: readonly Link[]): readonly Place[] {
  const { host } = end
  const link = container.addresses.find(({ address }) => address === end.address)?.link
  const inside = container.links.find(({ name }) => name === link)
  if (inside === undefined) return []
  const port = links.find(({ index, kind }) => kind === 'veth' && index === inside.peerIndex)
  const bridge = port?.master
  return [
    { host, container: container.name, link: inside.name, stage: 'source' },
    ...(port === undefined ? [] : [{ host, link: port.name, stage: 'bridge' } as const]),
    ...(bridge === undefined ? [] : [{ host, link: bridge, stage: 'bridge' } as const]),
  ]
}

function tunnelPlaces(
  snapshot: ClusterSnapshot,
  host: HostSnapshot,
  links: readonly Link[],
): readonly Place[] {
  const expected = expectedHost(snapshot, host.host)
  const underlay = isExpected(expected) ? expected.externalLink?.name : undefined
  const carriers = links.filter(({ name }) => FLANNEL_LINK.test(name)).slice(0, MOST_FLANNEL_LINKS)
  return [
    ...carriers.map(({ name }): Place => ({ host: host.host, link: name, stage: 'encap' })),
    ...(underlay === undefined ? [] : [{ host: host.host, link: underlay, stage: 'underlay' } as const]),
  ]
}

/** The links of one end, from the inside out. */
function sideOf(snapshot: ClusterSnapshot, end: Endpoint): readonly Place[] {
  const host = snapshot.hosts.get(end.host)
  if (host === undefined) return []
  const links = knownValue(host.facts.links) ?? []
  const container = containerAt(snapshot, end)
  const inner = container === undefined ? [] : containerPlaces(container, end, links)
  return [...inner, ...tunnelPlaces(snapshot, host, links)]
}

const ON_ARRIVAL: Readonly<Partial<Record<Stage, Stage>>> = {
  source: 'target',
  bridge: 'bridge-in',
  encap: 'decap',
}

function placesOfHops(hops: readonly Hop[]): readonly Place[] {
  return hops.flatMap(({ host, container, link, stage }) =>
    link === undefined ? [] : [{ host, link, stage, ...(container !== undefined && { container }) }],
  )
}

const keyOf = ({ host, container, link }: Place): string => JSON.stringify([host, container, link])

/** Places in the order of the request's way, each once: the sender's side, what the walk adds, the target's side. */
export function placesOf(
  snapshot: ClusterSnapshot,
  { from, to }: Pair,
  walked: WalkedPing,
): readonly Place[] {
  const predicted = placesOfHops([...walked.request.hops, ...(walked.reply?.hops.toReversed() ?? [])])
  const near = sideOf(snapshot, from)
  const far = sideOf(snapshot, to)
    .map((place) => ({ ...place, stage: ON_ARRIVAL[place.stage] ?? place.stage }))
    .toReversed()
  const on = (host: string): readonly Place[] => predicted.filter((place) => place.host === host)
  const between = predicted.filter(({ host }) => host !== from.host && host !== to.host)
  const all = [...near, ...on(from.host), ...between, ...on(to.host), ...far]
  return [...new Map(all.map((place) => [keyOf(place), place])).values()]
}
