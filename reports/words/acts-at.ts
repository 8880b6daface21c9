/** Where on the way of a packet a cause acts, as far as its layer says so. */
import type { Layer } from '../../checks/check.ts'
import type { ReportNetwork } from '../document/report.ts'

/** What a packet between two containers passes on its sender's host; behind the underlay the same the other way round. */
const WAY = ['container', 'bridge', 'filters', 'route', 'neighbour', 'FDB', 'tunnel', 'underlay'] as const
type PathPart = (typeof WAY)[number]

/** What must be right before any packet is sent. */
const BEFORE = ['etcd', 'lease', 'flanneld', 'subnet.env'] as const

const PARTS: Readonly<Record<Exclude<Layer, 'path' | 'dataplane'>, PathPart | (typeof BEFORE)[number]>> = {
  datastore: 'etcd',
  node: 'lease',
  lease: 'lease',
  daemon: 'flanneld',
  'subnet-env': 'subnet.env',
  underlay: 'underlay',
  link: 'tunnel',
  tunnel: 'tunnel',
  route: 'route',
  neighbour: 'neighbour',
  fdb: 'FDB',
  netfilter: 'filters',
  cni: 'bridge',
  bridge: 'bridge',
}

/** Only a vxlan link looks up neighbours and FDB entries of VTEPs; a host-gw one has no tunnel. */
function isOnWay(place: string, backend: string): boolean {
  if (place === 'FDB' || place === 'neighbour') return backend === 'vxlan'
  return place !== 'tunnel' || backend !== 'host-gw'
}

/** What the way depends on: of the report's network. */
type ActingNetwork = Pick<ReportNetwork, 'backend' | 'api'>

/** `etcd → lease → flanneld → subnet.env → container → bridge → …` with the place of a code's layer marked; undefined where it has none. */
export function actsAt(code: string, network: ActingNetwork | null): string | undefined {
  const { backend = '', api } = network ?? {}
  const layer = code.split('/')[0] ?? ''
  const at = Object.hasOwn(PARTS, layer) ? PARTS[layer as keyof typeof PARTS] : undefined
  if (at === undefined) return undefined
  const places: readonly string[] = BEFORE.some((place) => place === at) ? BEFORE : WAY
  const shown = places.filter((place) => place === at || isOnWay(place, backend))
  const isOfNodes = layer === 'node' || api === 'kubernetes'
  const called = (place: string): string => (isOfNodes && place === 'etcd' ? 'Kubernetes' : place)
  return shown.map((place) => (place === at ? `[${called(place)}]` : called(place))).join(' → ')
}
