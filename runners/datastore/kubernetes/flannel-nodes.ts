/** Nodes of the API to nodes, leases and records that flannel would skip (`pkg/subnet/kube/kube.go`, `nodeToLease`). */
import { isIP } from 'node:net'
import { type Prefix, parseAddress, parsePrefix } from '../../../checks/model/address.ts'
import { parseIpv6Prefix } from '../../../checks/model/ipv6.ts'
import type { Lease, LeaseTable, UnreadableLease } from '../../../checks/model/lease.ts'
import type { KubernetesNode, NodeAnnotations } from '../../../checks/model/node.ts'
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { parseBackendData, parseIpv6Lease } from '../text/backend-data.ts'
import { FieldError, parseJson } from '../text/go-json.ts'
import { ANNOTATION } from './annotation-name.ts'
import type { NodeObject } from './reading.ts'

/** flannel `main.go`, default of -kube-annotation-prefix, with what `newAnnotations` puts behind it. */
export const DEFAULT_PREFIX = 'flannel.alpha.coreos.com/'

/** A prefix as annotations have it (`annotations.go`, `newAnnotations`). */
export function annotationPrefix(told: string): string {
  const prefix = told.includes('/') ? told : `${told}/`
  return /[/-]$/.test(prefix) ? prefix : `${prefix}-`
}

const NAMES: Readonly<Record<keyof NodeAnnotations, string>> = {
  managed: 'kube-subnet-manager',
  backendType: 'backend-type',
  backendData: 'backend-data',
  publicIp: 'public-ip',
  publicIpv6: 'public-ipv6',
  backendV6Data: 'backend-v6-data',
  publicIpOverwrite: 'public-ip-overwrite',
  nodePublicIp: 'node-public-ip',
}

/** Prefixes under which a node says that a flanneld manages it. */
export function prefixesOf({ metadata }: NodeObject): readonly string[] {
  return Object.entries(metadata.annotations).flatMap(([name, value]) => {
    const [, prefix, word] = ANNOTATION.exec(name) ?? []
    return prefix !== undefined && word === NAMES.managed && value === 'true' ? [prefix] : []
  })
}

function annotationsOf({ metadata }: NodeObject, prefix: string): NodeAnnotations {
  const read = Object.entries(NAMES).map(([key, name]) => [key, metadata.annotations[`${prefix}${name}`]])
  return present(Object.fromEntries(read))
}

function seconds(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : at / 1000
}

/** A node as the model has it. */
export function flannelNode(object: NodeObject, prefix: string): KubernetesNode {
  const { metadata, spec, status } = object
  const podCidrs = spec.podCIDRs.length > 0 ? spec.podCIDRs : spec.podCIDR ? [spec.podCIDR] : []
  const addresses = (type: string): readonly string[] =>
    status.addresses.filter((one) => one.type === type && isIP(one.address) > 0).map(({ address }) => address)
  return present({
    name: metadata.name,
    createdAt: seconds(metadata.creationTimestamp),
    isLeaving: metadata.deletionTimestamp === undefined ? undefined : (true as const),
    podCidrs,
    podCidr: podCidrs.map(prefixOf).find((one) => one !== undefined),
    annotations: annotationsOf(object, prefix),
    otherPrefixes: prefixesOf(object).filter((one) => one !== prefix),
    internalIps: addresses('InternalIP'),
    externalIps: addresses('ExternalIP'),
    conditions: status.conditions.map((condition) => present(condition)),
    kubeletVersion: status.nodeInfo?.kubeletVersion,
    isVirtual: metadata.labels?.type === 'virtual-kubelet' ? (true as const) : undefined,
  })
}

function prefixOf(text: string): Prefix | undefined {
  return text.includes('/') ? parsePrefix(text) : undefined
}

/** The second family: an IPv6 podCIDR and two annotations. */
function ipv6Of({ podCidrs, annotations }: KubernetesNode): Pick<Lease, 'ipv6'> {
  const { publicIpv6: publicIp, backendType: type, backendV6Data } = annotations
  const subnet = podCidrs.map(parseIpv6Prefix).find((one) => one !== undefined)
  return parseIpv6Lease(subnet, { publicIp, type, data: jsonOf(backendV6Data) })
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parseJson(text)
  } catch (error) {
    if (error instanceof FieldError) return undefined
    throw error
  }
}

function leaseOf(node: KubernetesNode): Lease {
  const { name, podCidr, annotations } = node
  const publicIp = parseAddress(annotations.publicIp ?? '')
  if (publicIp === undefined) {
    const found = annotations.publicIp
    throw new FieldError(
      found === undefined
        ? 'it has no annotation public-ip'
        : `its annotation public-ip "${printable(found, 40)}" is not an IPv4 address`,
    )
  }
  if (podCidr === undefined) throw new FieldError('it has no IPv4 podCIDR')
  const { backendType } = annotations
  return {
    key: `node/${printable(name)}`,
    node: name,
    subnet: podCidr,
    publicIp,
    ...(backendType ? { backendType: printable(backendType, 40) } : {}),
    ...parseBackendData(backendType, annotations.backendData),
    ...ipv6Of(node),
    revision: 0,
  }
}

/** The leases of nodes that a flanneld manages; to its peers any other node does not exist. */
export function nodeLeases(nodes: readonly KubernetesNode[]): LeaseTable {
  const leases: Lease[] = []
  const unreadable: UnreadableLease[] = []
  for (const node of nodes) {
    if (node.annotations.managed !== 'true') continue
    try {
      leases.push(leaseOf(node))
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      const key = `node/${printable(node.name)}`
      unreadable.push({ key, ...present({ subnet: node.podCidr }), problem: error.message })
    }
  }
  return { leases, unreadable }
}
