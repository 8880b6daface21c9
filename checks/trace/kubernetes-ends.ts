/** Ends by the names that Kubernetes has for them: `pod/NAMESPACE/NAME`, `svc/NAMESPACE/NAME[:PORT]`. */
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { KubernetesStatus, Pod, ServicePort } from '../model/node.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from './endpoint.ts'

/** What such words stand for: other words for the end, and the packet that a service takes. */
export interface NamedEnd {
  /** `HOST`, `HOST/CONTAINER` or an address. */
  readonly words: string
  readonly packet?: { readonly protocol: ServicePort['protocol']; readonly destinationPort: number }
}

/** Why the words name no end; `unknown` where what would tell was not read. */
export interface NoNamedEnd {
  readonly problem: string
  readonly unknown?: true
}

const WORDS = /^(pods?|svc|services?)\/(?:([^/:]+)\/)?([^/:]+)(?::([^/:]+))?$/

/** What was asked of a service, where a person named it. */
export interface AskedPort {
  readonly protocol: ServicePort['protocol']
  readonly port: number
}

interface Words {
  readonly name: string
  readonly port: string | undefined
}

/** The host on which a container is called so. */
function holder({ hosts }: ClusterSnapshot, name: string): string | undefined {
  const found = [...hosts.values()].find(({ facts }) =>
    knownValue(facts.containers)?.some((one) => one.name === name),
  )
  return found?.host
}

function ofPod(snapshot: ClusterSnapshot, { name, port }: Words): NamedEnd | NoNamedEnd {
  if (port !== undefined) return { problem: `pod/${name}: a port is named by --tcp or --udp` }
  const host = holder(snapshot, name)
  if (host !== undefined) return { words: `${host}/${name}` }
  const pods = knownValue(snapshot.datastore.kubernetes)?.pods
  if (pods === undefined)
    return { problem: `there is no pod ${name} on the hosts that were looked at`, unknown: true }
  const pod = pods.find((one) => `${one.namespace}/${one.name}` === name)
  return pod === undefined ? { problem: `there is no pod ${name}` } : ofListedPod(snapshot, name, pod)
}

/** A pod that the API has and no container was found for. */
function ofListedPod(
  snapshot: ClusterSnapshot,
  name: string,
  { node = 'none', phase, usesHostNetwork, ips }: Pod,
): NamedEnd | NoNamedEnd {
  const host = clusterIdentity(snapshot).hostByNode.get(node)
  if (host === undefined)
    return { problem: `pod ${name} (${phase}) is on node ${node}, which was not looked at`, unknown: true }
  if (usesHostNetwork) return { words: host }
  // In an inventory containers have names of their own.
  const facts = snapshot.hosts.get(host)?.facts
  const containers = facts && knownValue(facts.containers)
  const held = containers?.find(({ addresses }) => addresses.some(({ address }) => ips.includes(address)))
  if (held !== undefined) return { words: `${host}/${held.name}` }
  return { problem: `pod ${name} (${phase}) has no network on ${host} that could be read`, unknown: true }
}

/** The port by its number or name, that of the packet that was asked for, else the first. */
function portOf(ports: readonly ServicePort[], port: string | undefined, asked: AskedPort | undefined) {
  if (asked !== undefined)
    return ports.find((one) => one.protocol === asked.protocol && one.port === asked.port)
  return port === undefined ? ports[0] : ports.find((one) => one.name === port || String(one.port) === port)
}

/** Why no way leads to who answers, as to an API server on a machine of its own; undefined where one does. */
function whyNobody(snapshot: ClusterSnapshot, address: string): NoNamedEnd | undefined {
  const found = resolveEndpoint(snapshot, address)
  return isEndpoint(found) ? undefined : found
}

function ofService(
  snapshot: ClusterSnapshot,
  { name, port: named }: Words,
  asked: AskedPort | undefined,
): NamedEnd | NoNamedEnd {
  const kubernetes: KubernetesStatus | undefined = knownValue(snapshot.datastore.kubernetes)
  if (kubernetes?.services === undefined)
    return {
      problem: `the service ${name} is not known: services or endpointslices could not be read`,
      unknown: true,
    }
  const service = kubernetes.services.find((one) => `${one.namespace}/${one.name}` === name)
  if (service === undefined) return { problem: `there is no service ${name} with an IPv4 address` }
  const port = portOf(service.ports, named, asked)
  if (port === undefined) {
    const ports = service.ports.map((one) => `${one.protocol} ${one.port}`).join(', ')
    return { problem: `service ${name} has no such port; it has ${ports || 'none'}` }
  }
  const { hostByNode } = clusterIdentity(snapshot)
  const isRead = ({ node = '' }: { readonly node?: string }): boolean => hostByNode.has(node)
  const end = port.endpoints.find(isRead) ?? port.endpoints[0]
  if (end === undefined) return { problem: `nobody that is ready answers for service ${name}`, unknown: true }
  const nobody = whyNobody(snapshot, end.address)
  if (nobody)
    return {
      ...nobody,
      problem: `service ${name} is answered at ${end.address}:${end.port}: ${nobody.problem}`,
    }
  return { words: end.address, packet: { protocol: port.protocol, destinationPort: end.port } }
}

/** True for words that name a service. */
export function isServiceName(words: string): boolean {
  return /^s/.test(WORDS.exec(words)?.[1] ?? '')
}

/** What Kubernetes' words for an end stand for; undefined for words that are none of its. */
export function kubernetesEnd(
  snapshot: ClusterSnapshot,
  words: string,
  asked?: AskedPort,
): NamedEnd | NoNamedEnd | undefined {
  const [, kind, namespace = 'default', bare = '', port] = WORDS.exec(words) ?? []
  if (kind === undefined || snapshot.hosts.has(kind)) return undefined
  const name = `${namespace}/${bare}`
  return kind.startsWith('pod') ? ofPod(snapshot, { name, port }) : ofService(snapshot, { name, port }, asked)
}
