/**
 * The wires of a lab: a switch namespace with one bridge per underlay, and a namespace per host
 * joined to it by a veth pair. Nothing is made in the machine's own network, whose firewall
 * (Docker sets FORWARD to DROP and lets bridges call iptables) would eat the underlay's packets.
 */

import { shell } from '../../hosts/command/zx.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { LabError } from '../lab-error.ts'
import { type LedgerEntry, record } from '../ledger/ledger.ts'
import { type LabPlace, placePrefix } from '../place.ts'
import { type LabPlan, type PlannedHost, SECOND_PREFIX } from '../plan/plan.ts'
import { translateAddresses } from './nat.ts'

/** Long enough for a busy machine whose hosts are containers. */
const BATCH_MS = 60_000

/** Runs commands of ip-batch(8) form in one process; on this machine unless another place is given. */
export async function ipBatch(lines: readonly string[], place?: LabPlace): Promise<void> {
  const batch = shell({ input: `${lines.join('\n')}\n`, timeoutMs: BATCH_MS })
  const inside = place === undefined ? [] : placePrefix(place)
  const { ok, stderr } = await batch`${inside} ip -batch -`
  if (!ok) throw new LabError('failed', `ip refused a step of the lab: ${stderr.trim().split('\n')[0]}`)
}

/**
 * MAC of a bridge, of the form Docker gives its own. Without one of its own a bridge takes the lowest
 * of its ports', and whoever remembers it loses the bridge when a port comes or goes.
 */
export function bridgeMac(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  return ['02', '42', ...bytes].join(':')
}

/** Writes sysctls in a namespace, as `name=value`. */
async function setSysctls(namespace: string, settings: readonly string[]): Promise<void> {
  const { ok, stderr } =
    await shell()`nsenter --net=${`${NETNS_DIR}/${namespace}`} -- sysctl -q -w ${settings}`
  if (!ok) throw new LabError('failed', `cannot set ${settings.join(' ')}: ${stderr.trim()}`)
}

/** The switch alone, so that etcd can start while the rest is laid. */
export async function laySwitch(plan: LabPlan): Promise<void> {
  const { switchNamespace } = plan
  record(plan.directory, { kind: 'namespace', name: switchNamespace })
  await ipBatch([`netns add ${switchNamespace}`])
  const bridges = plan.underlays.flatMap(({ bridge, address }) => [
    `link add ${bridge} address ${bridgeMac(address)} type bridge`,
    `addr add ${address}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ])
  await ipBatch(['link set lo up', ...bridges], { namespace: switchNamespace })
  // The switch is the hosts' default gateway and, with two underlays, the router between them.
  await setSysctls(switchNamespace, ['net.ipv4.ip_forward=1'])
}

/** What is needed to lay hosts. */
type HostsPlan = Pick<LabPlan, 'directory' | 'docker' | 'hosts' | 'switchNamespace'> & {
  readonly cluster?: boolean
}

/** The hosts and, where the containers are laid by hand, their namespaces. */
export async function layHosts(plan: HostsPlan): Promise<void> {
  const isByHand = plan.docker === 'bridge' && !plan.cluster
  const containers = isByHand ? plan.hosts.flatMap((host) => host.containers) : []
  const names = [...plan.hosts, ...containers].map(({ namespace }) => namespace)
  record(plan.directory, ...names.map((name): LedgerEntry => ({ kind: 'namespace', name })))
  const veth = (link: string, port: string, host: PlannedHost): string =>
    `link add ${link} netns ${host.namespace} type veth peer name ${port} netns ${plan.switchNamespace}`
  await ipBatch([
    ...names.map((name) => `netns add ${name}`),
    ...plan.hosts.map((host) => veth('eth0', host.port, host)),
    ...plan.hosts.flatMap((host) =>
      host.secondLink === undefined ? [] : [veth('eth1', host.secondLink.port, host)],
    ),
  ])
  await ipBatch(
    plan.hosts.map(({ port, underlay }) => `link set ${port} master ${underlay} up`),
    { namespace: plan.switchNamespace },
  )
  await laySecondBridge(plan)
  if (plan.hosts.some((host) => host.publicIp !== host.address)) await translateAddresses(plan)
  await Promise.all(plan.hosts.map(layHost))
}

/** The wire of the second links, with the gateway of the hosts' default route. */
async function laySecondBridge({ hosts, switchNamespace }: HostsPlan): Promise<void> {
  const ports = hosts.flatMap(({ secondLink }) => (secondLink === undefined ? [] : [secondLink.port]))
  if (ports.length === 0) return
  await ipBatch(
    [
      `link add second address ${bridgeMac(`${SECOND_PREFIX}.1`)} type bridge`,
      `addr add ${SECOND_PREFIX}.1/24 dev second`,
      'link set second up',
      ...ports.map((port) => `link set ${port} master second up`),
    ],
    { namespace: switchNamespace },
  )
}

async function layHost(host: PlannedHost): Promise<void> {
  const { namespace, address, secondLink } = host
  const gateway = secondLink === undefined ? host.gateway : `${SECOND_PREFIX}.1`
  await ipBatch(
    [
      'link set lo up',
      `addr add ${address}/24 brd + dev eth0`,
      'link set eth0 up',
      ...(secondLink === undefined
        ? []
        : [`addr add ${secondLink.address}/24 brd + dev eth1`, 'link set eth1 up']),
      `route add default via ${gateway}`,
    ],
    host,
  )
  // What dockerd does on a host: without forwarding no container reaches another host.
  await setSysctls(namespace, ['net.ipv4.ip_forward=1'])
}
