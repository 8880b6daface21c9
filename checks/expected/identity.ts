/**
 * Which lease is this host's own. flanneld's identity is its public IP (flannel
 * `pkg/subnet/etcd/local_manager.go`, `findLeaseByIP`); where the host no longer has that
 * address, the MAC of its VTEP and then subnet.env still point at the lease.
 */
import {
  containsAddress,
  formatAddress,
  formatPrefix,
  maskPrefix,
  parseAddress,
  samePrefix,
} from '../model/address.ts'
import type { Lease, LeaseTable } from '../model/lease.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { KubernetesNode } from '../model/node.ts'
import { present } from '../model/present.ts'
import type { ExpectedHost, NoExpectation } from './expected.ts'
import { chosenByOptions, externalLink } from './external-link.ts'
import { leaseIndex, subnetKey } from './lease-index.ts'
import { type ObservedHost, underlayAddresses } from './observed-host.ts'

/** The own lease and how it was recognised. */
export interface Identity {
  readonly lease: Lease
  readonly identifiedBy: ExpectedHost['identifiedBy']
}

/** What identity is decided from. */
export interface IdentityInput {
  readonly host: ObservedHost
  /** The host's node, where Kubernetes keeps the leases and it is known which one it is. */
  readonly node?: KubernetesNode
  readonly config: NetworkConfig
  readonly leases: LeaseTable
  /** True when another host of the inventory has this address. */
  readonly isElsewhere: (address: number) => boolean
}

/** The own lease, or why there is none. */
export function identify(input: IdentityInput): Identity | NoExpectation {
  if (input.node !== undefined) return byNode(input.node, input)
  const { publicIp } = input.host.options ?? {}
  if (publicIp !== undefined) return byPublicIpOption(publicIp, input)
  return byAddress(input) ?? byVtepMac(input) ?? bySubnetEnv(input) ?? withoutLease(input)
}

/** flanneld takes the subnet of its node, whatever address it has (`pkg/subnet/kube/kube.go`, `AcquireLease`). */
function byNode({ name, annotations }: KubernetesNode, { leases }: IdentityInput): Identity | NoExpectation {
  const lease = leaseIndex(leases).byNode.get(name)
  // An overwrite is to a node what -public-ip is to a host: the address need not be one of its own.
  const isOverwritten = parseAddress(annotations.publicIpOverwrite ?? '') === lease?.publicIp
  if (lease) return { lease, identifiedBy: isOverwritten ? 'public-ip-option' : 'node' }
  const record = leases.unreadable.find(({ key }) => key === `node/${name}`)
  if (record) return { cause: 'unreadable-lease', reason: `node ${name} is no lease: ${record.problem}` }
  return { cause: 'no-lease', reason: `no flanneld has written its annotations on node ${name}` }
}

function byPublicIpOption(text: string, input: IdentityInput): Identity | NoExpectation {
  const address = parseAddress(text)
  if (address === undefined) {
    return { cause: 'ambiguous', reason: 'flanneld was given a -public-ip that is no IPv4 address' }
  }
  const lease = agreeing(leaseIndex(input.leases).byPublicIp.get(address) ?? [], input)
  return lease ? { lease, identifiedBy: 'public-ip-option' } : withoutLease(input, address)
}

/** By the addresses of the link that -iface names, else by every address that can be a public IP. */
function byAddress(input: IdentityInput): Identity | NoExpectation | undefined {
  const { host, config, leases } = input
  const addresses = candidateAddresses(host, config)
  const { byPublicIp } = leaseIndex(leases)
  const own = [...new Set(addresses)]
  const perAddress = own.map((address) => byPublicIp.get(address) ?? []).filter((found) => found.length > 0)
  const candidates = perAddress.flat()
  if (candidates.length === 0) return undefined
  const left = narrowed(candidates, input)
  const isOneAddress = left.every(({ publicIp }) => publicIp === left[0]?.publicIp)
  const lease = isOneAddress ? left[0] : onDefaultLink(left, input)
  if (lease) return { lease, identifiedBy: 'address' }
  const subnets = candidates.map(({ subnet }) => formatPrefix(subnet)).join(', ')
  return {
    cause: 'ambiguous',
    reason: `several leases have an address of this host as public IP: ${subnets}`,
  }
}

function candidateAddresses(host: ObservedHost, config: NetworkConfig): readonly number[] {
  const chosen = chosenByOptions(host, config)
  if (chosen?.address !== undefined) return [chosen.address]
  return underlayAddresses(host, config)
    .filter(({ link }) => !chosen || link === chosen.name)
    .flatMap(({ prefix }) => (prefix ? [prefix.address] : []))
}

function onDefaultLink(candidates: readonly Lease[], input: IdentityInput): Lease | undefined {
  const address = externalLink(input.host, input.config)?.address
  return candidates.find(({ publicIp }) => publicIp === address)
}

/** Cloned machines share a MAC: a lease with another host's address must be confirmed by subnet.env. */
function byVtepMac(input: IdentityInput): Identity | undefined {
  const mac = vtepMac(input)
  const lease = agreeing((mac && leaseIndex(input.leases).byMac.get(mac)) || [], input)
  if (!lease || (input.isElsewhere(lease.publicIp) && !isInSubnetEnv(lease, input))) return undefined
  return { lease, identifiedBy: 'vtep-mac' }
}

/** A vxlan lease with another MAC is another host's, whatever an old subnet.env says. */
function bySubnetEnv(input: IdentityInput): Identity | undefined {
  const subnet = input.host.subnetEnv?.subnet
  const lease = subnet && leaseIndex(input.leases).bySubnet.get(subnetKey(subnet))
  if (!lease || input.isElsewhere(lease.publicIp)) return undefined
  const mac = vtepMac(input)
  if (mac !== undefined && lease.vtepMac !== undefined && mac !== lease.vtepMac) return undefined
  return { lease, identifiedBy: 'subnet-env' }
}

function withoutLease(input: IdentityInput, publicIp?: number): NoExpectation {
  const subnet = input.host.subnetEnv?.subnet
  const record = subnet && leaseIndex(input.leases).unreadableBySubnet.get(subnetKey(subnet))
  if (subnet && record) {
    const name = formatPrefix(maskPrefix(subnet))
    return { cause: 'unreadable-lease', reason: `the lease of ${name} cannot be read: ${record.problem}` }
  }
  const address = publicIp ?? externalLink(input.host, input.config)?.address
  const whose = address === undefined ? 'an address of this host' : formatAddress(address)
  return {
    cause: 'no-lease',
    reason: `no lease has ${whose} as public IP`,
    ...present({ publicIp: address }),
  }
}

/** Of leases that share a public IP or MAC the one that this host uses, else the first in key order. */
function agreeing(candidates: readonly Lease[], input: IdentityInput): Lease | undefined {
  return narrowed(candidates, input)[0]
}

/**
 * The leases of several that fit what flanneld left on the host: its subnet.env, then the MAC of its VTEP, which a
 * copied lease has as well, then the address of the VTEP or container bridge.
 */
function narrowed(candidates: readonly Lease[], input: IdentityInput): readonly Lease[] {
  return [isInSubnetEnv, hasVtepMac, holdsAddressOf].reduce((left, isMarked) => {
    const marked = left.length > 1 ? left.filter((lease) => isMarked(lease, input)) : []
    return marked.length > 0 ? marked : left
  }, candidates)
}

function hasVtepMac({ vtepMac: mac }: Lease, input: IdentityInput): boolean {
  return mac !== undefined && mac === vtepMac(input)
}

function holdsAddressOf({ subnet }: Lease, { host, config }: IdentityInput): boolean {
  const underlay = new Set(underlayAddresses(host, config))
  return host.addresses.some(
    (one) => one.prefix && !underlay.has(one) && containsAddress(subnet, one.prefix.address),
  )
}

function isInSubnetEnv(lease: Lease, { host }: IdentityInput): boolean {
  const subnet = host.subnetEnv?.subnet
  return subnet !== undefined && samePrefix(subnet, lease.subnet)
}

function vtepMac({ host, config }: IdentityInput): string | undefined {
  if (config.backend !== 'vxlan') return undefined
  return host.links.find(({ vxlan, name }) => vxlan?.vni === config.vni && name.startsWith('flannel'))?.mac
}
