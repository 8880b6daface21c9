/** What a host's subnet.env says to Docker. */
import { existsSync, readFileSync } from 'node:fs'
import {
  formatAddress,
  formatPrefix,
  maskPrefix,
  type Prefix,
  parsePrefix,
} from '../../../checks/model/address.ts'
import { type Ipv6Prefix, parseIpv6Prefix } from '../../../checks/model/ipv6.ts'
import { present } from '../../../checks/model/present.ts'

export interface HostSubnet {
  readonly network: Prefix
  /** Address of the container bridge with the subnet's length. */
  readonly bridge: Prefix
  readonly mtu: number
  /** Address of the bridge in the IPv6 subnet, with its length, where flannel carries both families. */
  readonly bridge6?: Ipv6Prefix
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
  const bridge6 = parseIpv6Prefix(value('FLANNEL_IPV6_SUBNET'))
  return { network, bridge, mtu, ...present({ bridge6 }), ipMasq: value('FLANNEL_IPMASQ') === 'true' }
}

/** The host's subnet as text, `10.5.34.0/24`. */
export function subnetText(subnet: HostSubnet): string {
  return formatPrefix(maskPrefix(subnet.bridge))
}

/** Address of the n-th container (from 1): the bridge has the first address, containers follow. */
export function containerAddress(subnet: HostSubnet, n: number): string {
  return formatAddress(subnet.bridge.address + n)
}

/** IPv6 address of the n-th container (from 1), of at most 9998. */
export function containerIpv6({ address }: Ipv6Prefix, n: number): string {
  return address.replace(/1$/, `${n + 1}`)
}
