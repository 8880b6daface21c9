/** Where taps are set for one ping: every link of the predicted way, and of both ends as far as each can be known. */
import { isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import { knownValue } from '../../expected/observed-host.ts'
import type { Container } from '../../model/container-bridge.ts'
import type { Link } from '../../model/link.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../model/snapshot.ts'
import type { TapPoint } from '../../model/trace-observation.ts'
import { containerAt } from '../endpoint.ts'
import type { Endpoint, Hop, Stage } from '../trace.ts'
import type { Pair, WalkedPing } from '../walk.ts'

/** Names flannel gives its links: `flannel.VNI` for vxlan, `flannelN` for the udp backend. */
const FLANNEL_LINK = /^flannel[.\d]/
/** A host with links of former configurations is watched on the first few. */
const MOST_FLANNEL_LINKS = 3

function containerPlaces(container: Container, end: Endpoint, links: readonly Link[]): readonly TapPoint[] {
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
): readonly TapPoint[] {
  const expected = expectedHost(snapshot, host.host)
  const underlay = isExpected(expected) ? expected.externalLink?.name : undefined
  const carriers = links.filter(({ name }) => FLANNEL_LINK.test(name)).slice(0, MOST_FLANNEL_LINKS)
  return [
    ...carriers.map(({ name }): TapPoint => ({ host: host.host, link: name, stage: 'encap' })),
    ...(underlay === undefined ? [] : [{ host: host.host, link: underlay, stage: 'underlay' } as const]),
  ]
}

/** The links of one end, from the inside out. */
function sideOf(snapshot: ClusterSnapshot, end: Endpoint): readonly TapPoint[] {
  const host = snapshot.hosts.get(end.host)
  if (host === undefined) return []
  const links = knownValue(host.facts.links) ?? []
  const container = containerAt(snapshot, end)
  const inner = container === undefined ? [] : containerPlaces(container, end, links)
  return [...inner, ...tunnelPlaces(snapshot, host, links)]
}

/** Stages of a request's places as a reply meets them, and the other way round. */
export const STAGE_ON_WAY_BACK: Readonly<Partial<Record<Stage, Stage>>> = {
  source: 'target',
  bridge: 'bridge-in',
  encap: 'decap',
  decap: 'encap',
  'bridge-in': 'bridge',
  target: 'source',
}

function turned(places: readonly TapPoint[]): readonly TapPoint[] {
  return places
    .map((place) => ({ ...place, stage: STAGE_ON_WAY_BACK[place.stage] ?? place.stage }))
    .toReversed()
}

function placesOfHops(hops: readonly Hop[]): readonly TapPoint[] {
  return hops.flatMap(({ host, container, link, stage }) =>
    link === undefined ? [] : [{ host, link, stage, ...present({ container }) }],
  )
}

const keyOf = ({ host, container, link }: TapPoint): string => JSON.stringify([host, container, link])

/** Each link once, as it is named first. */
function onceEach(places: readonly TapPoint[]): readonly TapPoint[] {
  const kept = new Map<string, TapPoint>()
  for (const place of places) if (!kept.has(keyOf(place))) kept.set(keyOf(place), place)
  return [...kept.values()]
}

/**
 * Places in the order of the request's way, each once with its stage there: the sender's side, what the walk adds of
 * either direction, the target's side.
 */
export function tapPlaces(
  snapshot: ClusterSnapshot,
  { from, to }: Pair,
  walked: WalkedPing,
): readonly TapPoint[] {
  const predicted = [...placesOfHops(walked.request.hops), ...turned(placesOfHops(walked.reply?.hops ?? []))]
  const on = (host: string): readonly TapPoint[] => predicted.filter((place) => place.host === host)
  const between = predicted.filter(({ host }) => host !== from.host && host !== to.host)
  const far = turned(sideOf(snapshot, to))
  return onceEach([...sideOf(snapshot, from), ...on(from.host), ...between, ...on(to.host), ...far])
}
