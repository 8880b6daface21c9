/** What a host's subnet.env says to Docker. */
import { existsSync, readFileSync } from 'node:fs'
import {
  formatAddress,
  formatPrefix,
  maskPrefix,
  type Prefix,
  parsePrefix,
} from '../../../checks/model/address.ts'

export interface HostSubnet {
  readonly network: Prefix
  /** Address of the container bridge with the subnet's length. */
  readonly bridge: Prefix
  readonly mtu: number
  /** True when flanneld masquerades, so that Docker must not. */
  readonly ipMasq: boolean
}

/** Reads it; undefined while flanneld has not written it (it is renamed into place, so never half written). */
export function readHostSubnet(path: string): HostSubnet | undefined {
  if (!existsSync(path)) return undefined
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? ''
  const text = readFileSync(path, 'utf8')
  const network = parsePrefix(value('FLANNEL_NETWORK'))
  const bridge = parsePrefix(value('FLANNEL_SUBNET'))
  const mtu = Number(value('FLANNEL_MTU'))
  if (network === undefined || bridge === undefined || !(mtu > 0)) return undefined
  return { network, bridge, mtu, ipMasq: value('FLANNEL_IPMASQ') === 'true' }
}

/** The host's subnet as text, `10.5.34.0/24`. */
export function subnetText(subnet: HostSubnet): string {
  return formatPrefix(maskPrefix(subnet.bridge))
}

/** Address of the n-th container (from 1): the bridge has the first address, containers follow. */
export function containerAddress(subnet: HostSubnet, n: number): string {
  return formatAddress(subnet.bridge.address + n)
}
