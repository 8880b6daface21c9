/** dockerd's settings, from its command line, daemon.json and options files. */

import { maskPrefix, networkAddress, type Prefix, parsePrefix } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { DockerOptionName, DockerOptionsFile } from '../model/docker-options.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import { dockerBridgeName, subnetBridge } from './bridge-link.ts'

/** Name of the bridge where the Engine's API does not tell (moby `libnetwork/drivers/bridge`, `DefaultBridgeName`). */
export const DEFAULT_BRIDGE = 'docker0'

function isFlag(word: string, name: string): boolean {
  return word === `--${name}` || word.startsWith(`--${name}=`)
}

/** Value of `--NAME=VALUE` or `--NAME VALUE`, else of daemon.json; undefined when neither sets it. */
export function dockerOption({ argv, daemonJson }: Docker, name: string): string | undefined {
  const at = argv.findIndex((word) => isFlag(word, name))
  const word = argv[at]
  if (word === undefined) return daemonJson[name]
  return word === `--${name}` ? (argv[at + 1] ?? '') : word.slice(name.length + 3)
}

/** Names of options that both the command line and daemon.json set; dockerd does not start with them. */
export function optionsSetTwice({ argv, daemonJson }: Docker): readonly string[] {
  return Object.keys(daemonJson).filter((name) => argv.some((word) => isFlag(word, name)))
}

/** What an options file gives dockerd for one option; the combined variable stands last and wins. */
export function fileOption({ variables }: DockerOptionsFile, name: DockerOptionName): string | undefined {
  return variables.flatMap(({ options }) => options[name] ?? []).at(-1)
}

/** The subnet of Docker's default network: as the option says, else as the Engine does; undefined when neither tells. */
export function dockerSubnet(docker: Docker): Prefix | undefined {
  const bip = dockerOption(docker, 'bip')
  const parsed = bip === undefined ? undefined : parsePrefix(bip)
  if (parsed !== undefined) return maskPrefix(parsed)
  const bridge = dockerBridgeName(docker)
  return docker.networks.find((network) => network.bridge === bridge)?.subnets[0]
}

/** True when `--bip` names the subnet itself instead of an address in it: dockerd cannot give it to its bridge. */
export function isNetworkAddress(bip: Prefix): boolean {
  return bip.length < 31 && bip.address === networkAddress(bip)
}

/**
 * True when Docker's default bridge is the one to serve the own subnet. False when another
 * bridge does (cni0, a user-defined network), or when dockerd was given a ready-made bridge.
 */
export function servesSubnet(place: {
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
  readonly docker: Docker
  readonly subnet: Prefix
}): boolean {
  const { docker, subnet } = place
  if (dockerOption(docker, 'bridge') !== undefined) return false
  const bridge = subnetBridge({ ...place, subnet: maskPrefix(subnet) })
  return bridge === undefined || bridge.name === (dockerBridgeName(docker) ?? DEFAULT_BRIDGE)
}
