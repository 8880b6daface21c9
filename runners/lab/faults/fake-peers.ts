/** Leases of hosts that do not exist, so that a few real hosts have as many peers as a large network. */
import { formatAddress, parsePrefix } from '../../../checks/model/address.ts'
import { type NewLease, writeLease } from '../daemons/etcd.ts'
import { usage } from '../lab-error.ts'
import type { LabPlan } from '../plan/plan.ts'
import { configField } from '../plan/plan-config.ts'

/** Addresses for tests between networks (RFC 2544): routed to the switch, which has nobody there. */
const FIRST_PUBLIC_IP = [198, 18, 0, 1] as const
const SUBNET_LENGTH = 24

/** The n-th (from 1): subnets from the top of the network down, where flanneld seldom picks one first. */
function fakeLease(plan: LabPlan, n: number): NewLease {
  const network = parsePrefix(String(configField(JSON.parse(plan.config), 'network')))
  if (network === undefined || network.length > 14)
    return usage('fake peers need a network of at least 1024 subnets, e.g. "10.16.0.0/12"')
  const top = network.address + 2 ** (32 - network.length)
  const [a, b, c, d] = FIRST_PUBLIC_IP
  const lease: NewLease = {
    subnet: `${formatAddress(top - n * 256)}/${SUBNET_LENGTH}`,
    PublicIP: formatAddress(((a * 256 + b) * 256 + c) * 256 + d + n),
  }
  if (plan.backend === 'udp') return lease
  if (plan.backend === 'host-gw') return { ...lease, BackendType: plan.backend }
  const tail = [n >> 8, n & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  return { ...lease, BackendType: 'vxlan', BackendData: { VNI: 1, VtepMAC: `02:fa:fa:fa:${tail}` } }
}

/** Writes as many as the plan asks for, before the first flanneld starts. */
export async function writeFakePeers(plan: LabPlan): Promise<void> {
  for (let n = 1; n <= plan.fakePeers; n++) await writeLease(plan, fakeLease(plan, n))
}
