/** Names of hosts, containers, networks, servers, accounts and authorities, each replaced by a number of its kind. */
import type { SavedHost, SavedState } from '../saved-state.ts'

type Kind =
  | 'host'
  | 'container'
  | 'network'
  | 'place'
  | 'user'
  | 'server'
  | 'authority'
  | 'pod'
  | 'service'
  | 'namespace'
type Found = readonly (readonly [Kind, string])[]

/** Words of the tables themselves: a host that is called so keeps its name, else nothing could be read any more. */
const WORDS = new Set(
  `default main local table link dev via src scope kernel static host global node network bridge none null true false lo
  eth0 docker0 cni0 etcd flannel flanneld docker dockerd containerd root system systemd kube proxy localhost inet inet6
  ip ipv4 ipv6 udp tcp vxlan all any broadcast multicast unicast permanent reachable stale pid argv container found state
  path name subnet mtu version release clock uptime`.split(/\s+/),
)

/** Docker's own networks. */
const GIVEN_NETWORKS = new Set(['bridge', 'host', 'none'])

function all(texts: readonly string[], kind: Kind, pattern: RegExp): Found {
  return texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => [kind, name] as const))
}

/** What a host URL names. */
function viaNames(via: string): Found {
  const [, scheme = '', user, place = ''] =
    /^([a-z]+):\/\/(?:([^/@:]+)(?::[^/@]*)?@)?([^/@:]+)/.exec(via) ?? []
  if (scheme === '' || /^[\d.]+$/.test(place)) return []
  const server = [scheme === 'ssh' ? 'server' : 'place', place] as const
  return user === undefined ? [server] : [['user', user], server]
}

function settingsNames({ settings }: SavedHost): Found {
  return (settings?.containers ?? []).flatMap(({ name, namespace }) => [
    ['container', name] as const,
    ['place', namespace] as const,
  ])
}

function sectionNames({ sections }: SavedHost): Found {
  const of = (...facts: readonly string[]): readonly string[] =>
    sections.flatMap(({ name, stdout }) => (facts.includes(name) ? [stdout] : []))
  return [
    ...all(of('containers'), 'container', /^container=(.+)$/gm),
    ...all(of('docker'), 'network', /^network=\["([^"]+)"/gm).filter(([, name]) => !GIVEN_NETWORKS.has(name)),
    ...all(of('tlsFiles'), 'authority', /^certificate=.*?"subject":"([^"]+)"/gm),
    ...all(of('tlsFiles'), 'authority', /^certificate=.*?"issuer":"([^"]+)"/gm),
  ]
}

/** Names of servers in URLs, and of the authorities that signed for them. */
function datastoreNames(texts: readonly string[], datastore: unknown): Found {
  const signers = JSON.stringify(datastore ?? null).matchAll(/"signers": ?\[([^\]]*)\]/g)
  return [
    ...all(texts, 'server', /\bhttps?:\/\/(?:[^/@\s"]*@)?([A-Za-z][\w.-]*)/g),
    ...all(
      [...signers].map(([, list = '']) => list),
      'authority',
      /"([^"]+)"/g,
    ),
  ]
}

/** Namespaces that Kubernetes and flannel bring. */
const GIVEN_NAMESPACES = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease', 'kube-flannel'])

const GIVEN_SERVICES = new Set(['kubernetes', 'kube-dns', 'metrics-server'])

/** Objects of a list of the API, whatever else was read. */
function listed(datastore: unknown, resource: string): readonly { name: string; namespace: string }[] {
  const { resources = {} } = (datastore ?? {}) as { resources?: Record<string, { items?: unknown }> }
  const items = resources[resource]?.items
  return (Array.isArray(items) ? items : []).map((item) => {
    const { name = '', namespace = '' } = (item as { metadata?: Record<string, string> }).metadata ?? {}
    return { name, namespace }
  })
}

/** Nodes, pods and namespaces; those of flannel's own DaemonSets are known by their names. */
function clusterNames(datastore: unknown): Found {
  const sets = listed(datastore, 'daemonsets')
  const pods = listed(datastore, 'pods')
  const services = listed(datastore, 'services').filter(({ name }) => !GIVEN_SERVICES.has(name))
  const own = pods.filter(({ name, namespace }) =>
    sets.some((set) => set.namespace === namespace && name.startsWith(`${set.name}-`)),
  )
  const others = pods.filter((pod) => !own.includes(pod))
  return [
    ...listed(datastore, 'nodes').map(({ name }) => ['host', name] as const),
    ...others.map(({ name }) => ['pod', name] as const),
    ...services.map(({ name }) => ['service', name] as const),
    ...[...pods, ...sets, ...services].flatMap(({ namespace }) => namespaceName(namespace)),
  ].filter(([, name]) => name !== '')
}

function namespaceName(namespace: string): Found {
  return GIVEN_NAMESPACES.has(namespace) ? [] : [['namespace', namespace]]
}

/** Pods that CNI knows, the API's and those that are gone. */
function podNames({ sections }: SavedHost): Found {
  const texts = sections.flatMap(({ name, stdout }) => (name === 'cni' ? [stdout] : []))
  const spaces = all(texts, 'namespace', /"K8S_POD_NAMESPACE","([^"]+)"/g)
  return [
    ...all(texts, 'pod', /"K8S_POD_NAME","([^"]+)"/g),
    ...spaces.flatMap(([, name]) => namespaceName(name)),
  ]
}

const LINK_NAMES = /"ifname": ?"([^"]+)"/g

/** Every name of a state that is replaced, and what by. */
export function nameReplacements(state: SavedState, texts: readonly string[]): ReadonlyMap<string, string> {
  const { hosts, datastore } = state
  const links = new Set(all(texts, 'place', LINK_NAMES).map(([, name]) => name))
  const found = [
    ...hosts.map(({ name }) => ['host', name] as const),
    ...hosts.flatMap(({ via }) => viaNames(via)),
    ...hosts.flatMap(settingsNames),
    ...hosts.flatMap(sectionNames),
    ...datastoreNames(texts, datastore),
    ...clusterNames(datastore),
    ...hosts.flatMap(podNames),
  ]
  const counts = new Map<Kind, number>()
  const names = new Map<string, string>()
  for (const [kind, name] of found) {
    if (names.has(name) || WORDS.has(name.toLowerCase()) || links.has(name)) continue
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    names.set(name, kind === 'authority' ? `CN=authority-${count}` : `${kind}-${count}`)
  }
  return names
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A function that replaces whole names in a text, the longest first. */
export function nameRedactor(names: ReadonlyMap<string, string>): (text: string) => string {
  if (names.size === 0) return (text) => text
  const longestFirst = [...names.keys()].toSorted((a, b) => b.length - a.length)
  const any = new RegExp(`(?<![A-Za-z0-9])(?:${longestFirst.map(escaped).join('|')})(?![A-Za-z0-9])`, 'g')
  return (text) => text.replaceAll(any, (name) => names.get(name) ?? name)
}
