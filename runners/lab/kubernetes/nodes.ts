/** The Node objects of a lab: what a controller manager and a kubelet would write of them, and flanneld's leases in them. */
import { formatAddress, parsePrefix } from '../../../checks/model/address.ts'
import { present } from '../../../checks/model/present.ts'
import type { LabLease } from '../daemons/etcd.ts'
import { usage } from '../lab-error.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import { configField } from '../plan/plan-config.ts'
import { askApi, type WithApi } from './api-server.ts'

/** As far as it is read here. */
export interface LabNode {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: { readonly podCIDR?: string }
}

/** The controller manager's --node-cidr-mask-size. */
const MASK_SIZE = 24
/** kube-controller-manager `pkg/controller/nodeipam`: subnets in their order, from the first one. */
function podCidrs({ config, hosts }: LabPlan): readonly string[] {
  const text = String(configField(JSON.parse(config), 'network'))
  const network = parsePrefix(text)
  if (network === undefined || 2 ** (MASK_SIZE - network.length) < hosts.length)
    return usage(`Network ${text} has no /${MASK_SIZE} for each of ${hosts.length} nodes`)
  return hosts.map((_, i) => `${formatAddress(network.address + i * 2 ** (32 - MASK_SIZE))}/${MASK_SIZE}`)
}

/** flannel `pkg/subnet/kube/annotations.go`, with the prefix that its flag has by default; -kube-annotation-prefix gives another. */
const PREFIX = 'flannel.alpha.coreos.com/'

/** What a kubelet writes on its node; flanneld panics over a node without any annotation. */
const KUBELETS = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }

/** Writes a node per host, each with its podCIDR and address. */
export async function writeNodes(plan: LabPlan): Promise<void> {
  const cidrs = podCidrs(plan)
  const write = async ({ name, address, publicIp }: PlannedHost, podCIDR: string): Promise<void> => {
    const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' }
    const overwrite = publicIp === address ? {} : { [`${PREFIX}public-ip-overwrite`]: publicIp }
    const metadata = { name, labels, annotations: { ...KUBELETS, ...overwrite } }
    const addresses = [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ]
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'a node of a lab' }]
    const body = { metadata, spec: { podCIDR, podCIDRs: [podCIDR] }, status: { addresses, conditions } }
    await askApi(plan, { method: 'POST', path: '/api/v1/nodes', body })
  }
  await Promise.all(plan.hosts.map((host, i) => write(host, cidrs[i] ?? '')))
}

/** The nodes. */
export async function readNodes(lab: WithApi): Promise<readonly LabNode[]> {
  return (await askApi<{ items: LabNode[] }>(lab, { method: 'GET', path: '/api/v1/nodes' })).items
}

function leaseOf({ metadata: { annotations = {} }, spec }: LabNode): readonly LabLease[] {
  const read = (name: string): string | undefined =>
    Object.entries(annotations).find(([key]) => key.endsWith(`/${name}`))?.[1]
  const publicIp = read('public-ip')
  if (publicIp === undefined || spec.podCIDR === undefined) return []
  const data = JSON.parse(read('backend-data') ?? 'null') as { VtepMAC?: string } | null
  return [{ subnet: spec.podCIDR, publicIp, ...present({ vtepMac: data?.VtepMAC }) }]
}

/** The leases in the nodes' annotations. */
export async function readNodeLeases(lab: WithApi): Promise<readonly LabLease[]> {
  return (await readNodes(lab)).flatMap(leaseOf)
}
