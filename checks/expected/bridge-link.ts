/**
 * Which link is the container bridge. flannel creates none: Docker's default network does
 * (`docker0` unless `--bridge` says otherwise), or the flannel CNI plugin (`cni0`).
 */
import { containsAddress, type Prefix } from '../model/address.ts'
import type { Container, Docker } from '../model/container-bridge.ts'
import type { Link, LinkAddress } from '../model/link.ts'

/** Name of Docker's default network (moby `runconfig`, `DefaultDaemonNetworkMode`). */
const DEFAULT_NETWORK = 'bridge'

const USUAL_NAMES = ['docker0', 'cni0'] as const

/** Link name of the bridge of Docker's default network; undefined when Docker does not run or has none. */
export function dockerBridgeName(docker: Docker | undefined): string | undefined {
  return docker?.networks.find(({ name }) => name === DEFAULT_NETWORK)?.bridge
}

/** The container bridge by name: Docker's default network's bridge, else docker0, else cni0; undefined when none exists. */
function bridgeLink(links: readonly Link[], docker?: Docker): Link | undefined {
  const names = [dockerBridgeName(docker), ...USUAL_NAMES]
  for (const name of names) {
    const found = links.find((link) => link.name === name)
    if (found) return found
  }
  return undefined
}

/** Where containers of a subnet are attached. */
export interface SubnetLinks {
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
  readonly docker?: Docker
  /** The host's own subnet. */
  readonly subnet: Prefix
}

/**
 * The bridge that serves the subnet: the container bridge if it holds an address of it,
 * else another bridge that does (a user-defined Docker network, cni0 beside an unused
 * docker0), else the container bridge by name.
 */
export function subnetBridge({ links, addresses, docker, subnet }: SubnetLinks): Link | undefined {
  const byName = bridgeLink(links, docker)
  const holders = new Set(
    addresses
      .filter(({ prefix }) => prefix !== undefined && containsAddress(subnet, prefix.address))
      .map(({ link }) => link),
  )
  if (byName !== undefined && holders.has(byName.name)) return byName
  return links.find(({ kind, name }) => kind === 'bridge' && holders.has(name)) ?? byName
}

/** Links that are ports of a bridge. */
export function portsOf(links: readonly Link[], bridge: Link): readonly Link[] {
  return links.filter(({ master }) => master === bridge.name)
}

/**
 * Gateways that containers on a bridge may have: its own addresses first, and the one that dockerd was told, where another
 * container has it or the bridge has a port that is none of a container. Empty where the bridge has no address.
 */
export function gatewaysOn(
  bridge: Link | undefined,
  { links, addresses, containers }: Pick<SubnetLinks, 'links' | 'addresses'> & Holding,
  told: string | undefined,
): readonly string[] {
  if (bridge === undefined) return []
  const own = addresses.flatMap(({ link, prefix, address }) =>
    link === bridge.name && prefix ? [address] : [],
  )
  if (told === undefined || own.length === 0) return own
  const isHeld = containers.some((one) => one.addresses.some(({ address }) => address === told))
  return isHeld || portsOf(links, bridge).some(({ kind }) => kind !== 'veth') ? [...own, told] : own
}

interface Holding {
  readonly containers: readonly Container[]
}
