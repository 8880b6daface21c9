/** From what a person types to an end of a path. */
import { dockerBridgeName } from '../expected/bridge-link.ts'
import { knownValue } from '../expected/observed-host.ts'
import { containsAddress, formatPrefix, maskPrefix, parseAddress } from '../model/address.ts'
import type { Container } from '../model/container-bridge.ts'
import type { LinkAddress } from '../model/link.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../model/snapshot.ts'
import type { Endpoint } from './trace.ts'

/** Why the words name no end, as a sentence. */
export interface NoEndpoint {
  readonly problem: string
  /** The words may be right: what would tell was not collected. */
  readonly unknown?: true
}

/** Tells the two apart. */
export function isEndpoint(value: Endpoint | NoEndpoint): value is Endpoint {
  return 'host' in value
}

function ipv4(addresses: readonly LinkAddress[]): readonly LinkAddress[] {
  return addresses.filter(({ prefix, scope }) => prefix !== undefined && scope !== 'host')
}

/** The container that an end is; undefined for a host. */
export function containerAt(snapshot: ClusterSnapshot, end: Endpoint): Container | undefined {
  const host = snapshot.hosts.get(end.host)
  return (host && knownValue(host.facts.containers))?.find(({ name }) => name === end.container)
}

function containersOf({ facts }: HostSnapshot): readonly Container[] {
  return knownValue(facts.containers) ?? []
}

/** Container address inside the flannel network first, then any. */
function addressOf({ addresses }: Container, snapshot: ClusterSnapshot): string | undefined {
  const own = ipv4(addresses)
  return (own.find(({ prefix }) => prefix && isOverlay(snapshot, prefix.address)) ?? own[0])?.address
}

function isOverlay(snapshot: ClusterSnapshot, address: number): boolean {
  const config = knownValue(snapshot.datastore.config)
  return config !== undefined && containsAddress(config.network, address)
}

function ofContainer(snapshot: ClusterSnapshot, host: HostSnapshot, name: string): Endpoint | NoEndpoint {
  const { containers } = host.facts
  if (!containers.known)
    return { problem: `the containers of ${host.host} are not known: ${containers.detail}`, unknown: true }
  const container = containers.value.find((one) => one.name === name)
  if (container === undefined) {
    const names = containers.value.map((one) => one.name).join(', ')
    return { problem: `${host.host} has no container ${name}; it has ${names === '' ? 'none' : names}` }
  }
  if (container.problem !== undefined)
    return {
      problem: `container ${name} on ${host.host} could not be read: ${container.problem}`,
      unknown: true,
    }
  const address = addressOf(container, snapshot)
  if (address === undefined) return { problem: `container ${name} on ${host.host} has no IPv4 address` }
  return { host: host.host, container: name, address }
}

/** A host stands for the bridge of its containers: the address of a bridge in the flannel network, else any there. */
function ofHost(snapshot: ClusterSnapshot, host: HostSnapshot): Endpoint | NoEndpoint {
  const { addresses, links } = host.facts
  if (host.unreachable !== undefined)
    return { problem: `${host.host} could not be reached: ${host.unreachable}`, unknown: true }
  if (!addresses.known)
    return { problem: `the addresses of ${host.host} are not known: ${addresses.detail}`, unknown: true }
  const bridges = new Set(
    (knownValue(links) ?? []).filter(({ kind }) => kind === 'bridge').map(({ name }) => name),
  )
  const inside = ipv4(addresses.value).filter(({ prefix }) => prefix && isOverlay(snapshot, prefix.address))
  const address = (inside.find(({ link }) => bridges.has(link)) ?? inside[0])?.address
  return address === undefined
    ? { problem: `${host.host} has no address in the flannel network` }
    : { host: host.host, address }
}

function hostNamed(snapshot: ClusterSnapshot, name: HostName): HostSnapshot | NoEndpoint {
  const names = [...snapshot.hosts.keys()].join(', ')
  return snapshot.hosts.get(name) ?? { problem: `there is no host ${name}; there are ${names}` }
}

function holders(host: HostSnapshot, address: string): readonly Endpoint[] {
  const inside = containersOf(host).filter((one) =>
    ipv4(one.addresses).some((own) => own.address === address),
  )
  if (inside.length > 0) return inside.map(({ name }) => ({ host: host.host, container: name, address }))
  const own = ipv4(knownValue(host.facts.addresses) ?? []).some((one) => one.address === address)
  return own ? [{ host: host.host, address }] : []
}

/** What was read has no such address; a host that was not read may have it. */
function ofUnreadHost(snapshot: ClusterSnapshot, problem: string): NoEndpoint {
  const unread = [...snapshot.hosts.values()]
    .filter(({ facts }) => !facts.addresses.known || !facts.containers.known)
    .map(({ host }) => host)
  if (unread.length === 0) return { problem }
  return {
    problem: `${problem}, as far as they could be read; not read: ${unread.join(', ')}`,
    unknown: true,
  }
}

function ofAddress(snapshot: ClusterSnapshot, text: string, address: number): Endpoint | NoEndpoint {
  const found = [...snapshot.hosts.values()].flatMap((host) => holders(host, text))
  const inContainer = found.filter(({ container }) => container !== undefined)
  const [first, ...others] = inContainer.length > 0 ? inContainer : found
  if (first === undefined) {
    const config = knownValue(snapshot.datastore.config)
    if (config && !isOverlay(snapshot, address))
      return {
        problem: `${text} is outside the flannel network ${formatPrefix(maskPrefix(config.network))}, and no address of a host that was looked at`,
      }
    const problem = `no host and no container of the snapshot has ${text}`
    return config === undefined ? { problem, unknown: true } : ofUnreadHost(snapshot, problem)
  }
  if (others.length === 0) return first
  const names = [first, ...others].map(({ host, container }) => (container ? `${host}/${container}` : host))
  return { problem: `${text} is on ${names.join(' and ')}: name one of them` }
}

/** A container by its name alone, where one host has it; a sentence where several do. */
function ofContainerAlone(snapshot: ClusterSnapshot, name: string): Endpoint | NoEndpoint | undefined {
  const hosts = [...snapshot.hosts.values()].filter((host) =>
    containersOf(host).some((one) => one.name === name),
  )
  const [first, ...others] = hosts
  if (first === undefined) return undefined
  if (others.length === 0) return ofContainer(snapshot, first, name)
  const names = hosts.map(({ host }) => `${host}/${name}`)
  return { problem: `${name} is on several hosts: name one of ${names.join(', ')}` }
}

/**
 * The end that `HOST`, `HOST/CONTAINER`, `CONTAINER` (where one host has it) or an IPv4 address names. A host stands for the
 * address of its container bridge. Gives a sentence instead of an end where there is none.
 */
export function resolveEndpoint(snapshot: ClusterSnapshot, words: string): Endpoint | NoEndpoint {
  const address = parseAddress(words)
  if (address !== undefined && !snapshot.hosts.has(words)) return ofAddress(snapshot, words, address)
  const whole = snapshot.hosts.get(words)
  if (whole) return ofHost(snapshot, whole)
  const slash = words.indexOf('/')
  const alone = slash < 0 ? ofContainerAlone(snapshot, words) : undefined
  if (alone !== undefined) return alone
  const host = hostNamed(snapshot, slash < 0 ? words : words.slice(0, slash))
  if ('problem' in host) return host
  return ofContainer(snapshot, host, words.slice(slash + 1))
}

/**
 * Why an end is none that other hosts can reach: it is on a Docker network beside the one of flannel. Undefined for any
 * other, also for one that only lost its address in the flannel network.
 */
export function besideFlannel(
  snapshot: ClusterSnapshot,
  { host, container, address }: Endpoint,
): string | undefined {
  const [facts, config] = [snapshot.hosts.get(host)?.facts, knownValue(snapshot.datastore.config)]
  const docker = facts && knownValue(facts.docker)
  const number = parseAddress(address)
  if (docker === undefined || config === undefined || number === undefined || isOverlay(snapshot, number))
    return undefined
  const beside = docker.networks.find(
    ({ bridge, subnets }) =>
      bridge !== dockerBridgeName(docker) && subnets.some((subnet) => containsAddress(subnet, number)),
  )
  if (beside === undefined) return undefined
  const who = container === undefined ? address : `${host}/${container} has ${address}, which`
  const network = formatPrefix(maskPrefix(config.network))
  return `${who} is on Docker's network ${beside.name} of ${host}: flannel carries only ${network} between hosts`
}
