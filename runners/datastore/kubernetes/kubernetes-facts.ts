/** A reading of the Kubernetes API to the datastore's facts. */
import { lastAddress, netmask } from '../../../checks/model/address.ts'
import type { NetworkConfig } from '../../../checks/model/network-config.ts'
import type { KubernetesNode, KubernetesStatus, Pod } from '../../../checks/model/node.ts'
import { present } from '../../../checks/model/present.ts'
import type { DatastoreFacts, Fact, Source } from '../../../checks/model/snapshot.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import { parseConfig } from '../text/parse-config.ts'
import { haltedContainers } from './container-statuses.ts'
import { daemonSetsOf } from './daemon-sets.ts'
import { annotationPrefix, DEFAULT_PREFIX, flannelNode, nodeLeases, prefixesOf } from './flannel-nodes.ts'
import type { KubernetesReading, NodeObject, Resource } from './reading.ts'
import { servicesOf } from './services.ts'

type Facts = { readonly [K in keyof DatastoreFacts]: Fact<DatastoreFacts[K]> }

/** What the hosts' own flanneld say that decides how nodes are read. */
export interface FlanneldWords {
  /** -kube-annotation-prefix. */
  readonly annotationPrefix?: string
  /** net-conf.json as a host's flanneld reads it, for clusters that keep it in no ConfigMap (k3s). */
  readonly netConf?: { readonly text: string; readonly from: Source }
}

const IN_KUBERNETES = {
  known: false,
  why: 'not-applicable',
  detail: 'flannel keeps its leases in Kubernetes, not in etcd',
} as const

type Items<R extends Resource> = Extract<
  KubernetesReading['resources'][R],
  { readonly items: unknown }
>['items']

function itemsOf<R extends Resource>({ resources }: KubernetesReading, resource: R): Items<R> | undefined {
  const list = resources[resource]
  return 'items' in list ? (list.items as Items<R>) : undefined
}

function source(command: string, section: 'kubernetes' | 'config' = 'kubernetes'): Source {
  return { host: '', section, command }
}

function prefixOf(nodes: readonly NodeObject[], told: string | undefined): string {
  if (told !== undefined) return annotationPrefix(told)
  const found = nodes.flatMap(prefixesOf)
  return found.includes(DEFAULT_PREFIX) ? DEFAULT_PREFIX : (found[0] ?? DEFAULT_PREFIX)
}

function podsOf(reading: KubernetesReading): readonly Pod[] | undefined {
  return itemsOf(reading, 'pods')?.map(({ metadata, spec, status }) => {
    const ips = [status.podIP ?? '', ...status.podIPs.map(({ ip }) => ip)].filter(Boolean)
    return present({
      namespace: metadata.namespace ?? 'default',
      name: metadata.name,
      node: spec.nodeName,
      phase: status.phase,
      isLeaving: metadata.deletionTimestamp === undefined ? undefined : (true as const),
      usesHostNetwork: spec.hostNetwork === true,
      ips: [...new Set(ips)],
      halted: haltedContainers(status),
    })
  })
}

const NET_CONF = 'net-conf.json'

interface ConfigText {
  readonly text: string
  readonly place: string
  readonly from: Source
}

/**
 * The ConfigMap beside a flannel DaemonSet; of several, as an older manifest leaves one in kube-system, that which a
 * host's flanneld reads. Without a DaemonSet what a host's flanneld reads, else the first that there is.
 */
function configMapOf(reading: KubernetesReading, { netConf }: FlanneldWords) {
  const maps = (itemsOf(reading, 'configmaps') ?? []).filter(({ data }) => data[NET_CONF] !== undefined)
  const namespaces = new Set(daemonSetsOf(reading)?.map(({ namespace }) => namespace))
  const beside = maps.filter(({ metadata }) => namespaces.has(metadata.namespace ?? ''))
  const likely = beside.length > 0 ? beside : maps
  const read = likely.find(({ data }) => data[NET_CONF] === netConf?.text)
  return read ?? (netConf === undefined ? likely[0] : beside[0])
}

function configText(reading: KubernetesReading, words: FlanneldWords): ConfigText | undefined {
  const map = configMapOf(reading, words)
  const text = map?.data[NET_CONF]
  if (map !== undefined && text !== undefined) {
    const { namespace = 'default', name } = map.metadata
    const [inside, called] = [posixQuote(printable(namespace)), posixQuote(printable(name))]
    const command = `kubectl -n ${inside} get configmap ${called} -o json`
    return { text, place: printable(`ConfigMap ${namespace}/${name}`), from: source(command, 'config') }
  }
  const { netConf } = words
  return netConf && { text: netConf.text, place: `net-conf.json of ${netConf.from.host}`, from: netConf.from }
}

/** The controller manager's --node-cidr-mask-size where no node tells. */
const USUAL_LENGTH = 24

/** The length that most podCIDRs have. */
function usualLength(nodes: readonly KubernetesNode[]): number {
  const lengths = Map.groupBy(
    nodes.flatMap(({ podCidr }) => podCidr ?? []),
    ({ length }) => length,
  )
  const [most] = [...lengths].sort(([, one], [, other]) => other.length - one.length)
  return most?.[0] ?? USUAL_LENGTH
}

/** Any part of the network may be a podCIDR. */
function withoutRange(config: NetworkConfig, nodes: readonly KubernetesNode[]): NetworkConfig {
  const { network } = config
  const subnetLength = Math.max(network.length, usualLength(nodes))
  const subnetMax = (lastAddress(network) & netmask(subnetLength)) >>> 0
  return { ...config, subnetLength, subnetMin: network.address, subnetMax }
}

function configFact(
  reading: KubernetesReading,
  words: FlanneldWords,
  nodes: readonly KubernetesNode[] = [],
): Fact<NetworkConfig> {
  const found = configText(reading, words)
  const { configmaps } = reading.resources
  if (found === undefined) {
    const from = source('kubectl get configmap -A', 'config')
    if ('problem' in configmaps) return { known: false, ...configmaps.problem, from }
    const detail = `no ConfigMap with ${NET_CONF} was found: name flannel's namespace`
    return { known: false, why: 'missing', detail, from }
  }
  const { text, place, from } = found
  const raw = (): string => JSON.stringify({ data: { [NET_CONF]: text } }, null, 4)
  const parsed = parseConfig(text)
  if ('value' in parsed) return { known: true, value: withoutRange(parsed.value, nodes), from, raw }
  if ('aside' in parsed) return { known: false, why: 'not-applicable', detail: parsed.aside, from, raw }
  return { known: false, why: 'unparsable', detail: `${place}: ${parsed.problem}`, from, raw }
}

function readServices(reading: KubernetesReading): KubernetesStatus['services'] {
  const [services, slices] = [itemsOf(reading, 'services'), itemsOf(reading, 'endpointslices')]
  return services && slices && servicesOf(services, slices)
}

function unreadOf({ resources }: KubernetesReading): KubernetesStatus['unread'] {
  return Object.entries(resources).flatMap(([resource, list]) =>
    'problem' in list ? [{ resource, detail: list.problem.detail }] : [],
  )
}

/** The facts of a reading. Never throws. */
export function kubernetesFacts(reading: KubernetesReading, words: FlanneldWords = {}): Facts {
  const from = source('kubectl get nodes -o json')
  const etcd = { ...IN_KUBERNETES, from } as const
  const { nodes } = reading.resources
  if ('problem' in nodes) {
    const absent = { known: false, ...nodes.problem, from } as const
    return { etcd, kubernetes: absent, config: configFact(reading, words), leases: absent }
  }
  const prefix = prefixOf(nodes.items, words.annotationPrefix)
  const found = nodes.items.map((object) => flannelNode(object, prefix))
  const raw = (): string => JSON.stringify({ items: nodes.items }, null, 4)
  const value = present({
    server: printable(reading.server),
    via: reading.via,
    version: reading.version,
    access: reading.access && printable(reading.access),
    annotationPrefix: prefix,
    configSource: configText(reading, words)?.place,
    nodes: found,
    pods: podsOf(reading),
    daemonSets: daemonSetsOf(reading),
    services: readServices(reading),
    unread: unreadOf(reading),
  })
  return {
    etcd,
    kubernetes: { known: true, value, from, raw },
    config: configFact(reading, words, found),
    leases: { known: true, value: nodeLeases(found), from, raw },
  }
}
