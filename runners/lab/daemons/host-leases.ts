/** Leases written before the hosts' flanneld start, so that every lab of the same settings has the same subnets. */
import { formatAddress, parseAddress, parsePrefix } from '../../../checks/model/address.ts'
import { parseIpv6Prefix, printedIpv6 } from '../../../checks/model/ipv6.ts'
import { usage } from '../lab-error.ts'
import type { LabPlan } from '../plan/plan.ts'
import { configField } from '../plan/plan-config.ts'
import { writeLease } from './etcd.ts'

/** flannel `pkg/subnet/config.go`, `ParseConfig`: /24 in a network of at most 22 bits, and the first one is none. */
const SUBNET_LENGTH = 24
/** h1 has the address .11 in the underlay: where there is room, its subnet gets the same number. */
const FIRST_NUMBER = 11
/** Hosts are told apart by the fourth group of their /64, which must be no part of the network. */
const FOURTH = 3
const WIDEST_6 = 48

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

/** The IPv6 half of the n-th host's lease; none where flannel carries IPv4 alone. */
function ipv6Half(
  { config, publicIpv6 }: LabPlan,
  n: number,
): { readonly PublicIPv6: string; readonly subnet: string } | undefined {
  const network = parseIpv6Prefix(String(configField(JSON.parse(config), 'ipv6network')))
  const address = publicIpv6[n - 1]
  if (network === undefined || address === undefined) return undefined
  if (network.length > WIDEST_6)
    return usage(`numbered subnets need an IPv6 network of at most ${WIDEST_6} bits`)
  const groups = network.network.split(':').with(FOURTH, `${FIRST_NUMBER + n - 1}`)
  return { PublicIPv6: address, subnet: `&${printedIpv6(groups.join(':'))}/64` }
}

/**
 * Writes them where the plan asks for it: flanneld takes over the lease that has its public IP and is
 * within the network (`pkg/subnet/etcd/local_manager.go`, `tryAcquireLease`).
 */
export async function writeHostLeases(plan: LabPlan): Promise<void> {
  if (!plan.numberedSubnets) return
  const isDual = configField(JSON.parse(plan.config), 'enableipv6') === true
  for (const [index, { publicIp }] of plan.hosts.entries()) {
    const half = isDual ? ipv6Half(plan, index + 1) : { subnet: '' }
    // A lease without its IPv6 half makes a dual-stack flanneld panic.
    if (half === undefined) return
    const { subnet, ...second } = half
    await writeLease(plan, {
      subnet: `${subnetOf(plan, index + 1)}${subnet}`,
      PublicIP: publicIp,
      ...second,
      BackendType: plan.backend,
    })
  }
}
