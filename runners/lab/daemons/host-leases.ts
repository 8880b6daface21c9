/** Leases written before the hosts' flanneld start, so that every lab of the same settings has the same subnets. */
import { formatAddress, parseAddress, parsePrefix } from '../../../checks/model/address.ts'
import { usage } from '../lab-error.ts'
import type { LabPlan } from '../plan/plan.ts'
import { configField } from '../plan/plan-config.ts'
import { writeLease } from './etcd.ts'

/** flannel `pkg/subnet/config.go`, `ParseConfig`: /24 in a network of at most 22 bits, and the first one is none. */
const SUBNET_LENGTH = 24
/** h1 has the address .11 in the underlay: where there is room, its subnet gets the same number. */
const FIRST_NUMBER = 11

/** The subnet of the n-th host (from 1). */
function subnetOf({ config: text, hosts }: LabPlan, n: number): string {
  const config: unknown = JSON.parse(text)
  const network = parsePrefix(String(configField(config, 'network')))
  const lowest = parseAddress(String(configField(config, 'subnetmin')))
  if (network === undefined) return usage('numbered subnets need a network')
  const length = Number(configField(config, 'subnetlen') ?? SUBNET_LENGTH)
  const hasRoom = 2 ** (length - network.length) > FIRST_NUMBER + hosts.length
  const size = 2 ** (32 - length)
  const first = lowest ?? network.address + (hasRoom ? FIRST_NUMBER : 1) * size
  return `${formatAddress(first + (n - 1) * size)}/${length}`
}

/**
 * Writes them where the plan asks for it: flanneld takes over the lease that has its public IP and is
 * within the network (`pkg/subnet/etcd/local_manager.go`, `tryAcquireLease`).
 */
export async function writeHostLeases(plan: LabPlan): Promise<void> {
  // A lease without its IPv6 half makes a dual-stack flanneld panic.
  const isDual = configField(JSON.parse(plan.config), 'enableipv6') === true
  if (!plan.numberedSubnets || isDual) return
  for (const [index, { publicIp }] of plan.hosts.entries()) {
    await writeLease(plan, {
      subnet: subnetOf(plan, index + 1),
      PublicIP: publicIp,
      BackendType: plan.backend,
    })
  }
}
