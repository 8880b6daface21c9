/** Containers laid by hand: docker0 as Docker would set it up, and a namespace per container joined to it. */
import { formatAddress, formatPrefix } from '../../../checks/model/address.ts'
import { $ } from '../../hosts/command/zx.ts'
import { containerAddress, containerIpv6, type HostSubnet, subnetText } from '../daemons/host-subnet.ts'
import { LabError } from '../lab-error.ts'
import { placePrefix } from '../place.ts'
import type { PlannedContainer, PlannedHost } from '../plan/plan.ts'
import type { LabContainer } from '../running/state.ts'
import { bridgeMac, ipBatch } from './topology.ts'

/** Lays docker0 and the host's containers from subnet.env. */
export async function layContainers(host: PlannedHost, subnet: HostSubnet): Promise<readonly LabContainer[]> {
  const { mtu, bridge6 } = subnet
  const ports = host.containers.flatMap(({ namespace }, i) => [
    `link add vethc${i + 1} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${namespace}`,
    `link set vethc${i + 1} master docker0 up`,
  ])
  await ipBatch(
    [
      `link add docker0 address ${bridgeMac(host.address)} type bridge`,
      `link set docker0 mtu ${mtu}`,
      `addr add ${formatPrefix(subnet.bridge)} brd + dev docker0`,
      ...(bridge6 ? [`addr add ${bridge6.address}/${bridge6.length} dev docker0 nodad`] : []),
      'link set docker0 up',
      ...ports,
    ],
    host,
  )
  if (!subnet.ipMasq) await masquerade(host, subnet)
  return Promise.all(host.containers.map((container, i) => layContainer(container, subnet, i + 1)))
}

async function layContainer(
  container: PlannedContainer,
  subnet: HostSubnet,
  n: number,
): Promise<LabContainer> {
  const address = containerAddress(subnet, n)
  const { bridge6 } = subnet
  await ipBatch(
    [
      'link set lo up',
      `addr add ${address}/${subnet.bridge.length} brd + dev eth0`,
      'link set eth0 up',
      `route add default via ${formatAddress(subnet.bridge.address)}`,
      ...(bridge6
        ? [
            `addr add ${containerIpv6(bridge6, n)}/${bridge6.length} dev eth0 nodad`,
            `route add ::/0 via ${bridge6.address}`,
          ]
        : []),
    ],
    container,
  )
  return { ...container, address }
}

/** Docker's own rule where flanneld does not masquerade (mk-docker-opts.sh turns FLANNEL_IPMASQ round). */
async function masquerade(host: PlannedHost, subnet: HostSubnet): Promise<void> {
  const rule = ['-s', subnetText(subnet), '!', '-o', 'docker0', '-j', 'MASQUERADE']
  const { ok, stderr } = await $`${placePrefix(host)} iptables -w 5 -t nat -A POSTROUTING ${rule}`
  if (!ok) throw new LabError('failed', `iptables on ${host.name}: ${stderr.trim()}`)
}
