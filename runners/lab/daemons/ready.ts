/** Waits until a lab is ready: every lease in etcd, every peer programmed on every host. */
import { readFileSync } from 'node:fs'
import { formatPrefix } from '../../../checks/model/address.ts'
import { $ } from '../../hosts/command/zx.ts'
import { LabError } from '../lab-error.ts'
import { placePrefix } from '../place.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import { configField } from '../plan/plan-config.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import { endedDaemon, lastLogLines, type RunningDaemon, stripControl } from './daemon.ts'
import type { LabLease } from './etcd.ts'
import { minorVersion, subnetFileOf } from './flanneld.ts'
import { type HostSubnet, readHostSubnet, subnetText } from './host-subnet.ts'
import { firewall, type HostTables, hostGwPeer, oldVxlanPeer, udpPeer, vxlanPeer } from './programmed.ts'

/** What is being waited for. */
export interface ReadySubject {
  readonly plan: LabPlan
  readonly version: string
  readonly bounds: WaitBounds
  /** The leases as flannel keeps them. */
  readonly readLeases: (plan: LabPlan) => Promise<readonly LabLease[]>
}

export interface ReadyHost {
  readonly host: PlannedHost
  readonly flanneld: RunningDaemon
  readonly subnet: HostSubnet
}

/** Options of the configuration that change what is written. */
function configured(plan: LabPlan): { vni: number; directRouting: boolean; nftables: boolean } {
  const config: unknown = JSON.parse(plan.config)
  const backend = configField(config, 'backend')
  return {
    vni: Number(configField(backend, 'vni') ?? 1),
    directRouting: configField(backend, 'directrouting') === true,
    nftables: configField(config, 'enablenftables') === true,
  }
}

/** flanneld asks for a configuration it cannot use once a second forever (main.go, getConfig). */
const REFUSED_CONFIG = /Couldn't fetch network config: (.*)/g
const REFUSALS = 3

/** What flanneld says against the network configuration, when it has said so again and again. */
function refusedConfig(flanneld: RunningDaemon): string | undefined {
  const refusals = [...readFileSync(flanneld.logFile, 'utf8').matchAll(REFUSED_CONFIG)]
  return refusals.length < REFUSALS ? undefined : refusals.at(-1)?.[1]
}

/** Waits for the host's subnet.env. */
export async function waitForSubnet(
  subject: ReadySubject,
  host: PlannedHost,
  flanneld: RunningDaemon,
): Promise<ReadyHost> {
  await waitUntil(() => {
    const ended = endedDaemon(flanneld)
    if (ended !== undefined) throw new LabError('failed', ended)
    if (readHostSubnet(subnetFileOf(host)) !== undefined) return undefined
    const refused = refusedConfig(flanneld)
    if (refused !== undefined)
      throw new LabError(
        'failed',
        `${flanneld.role} refuses the network configuration: ${stripControl(refused)}`,
      )
    return `${flanneld.role} writes no subnet.env: ${lastLogLines(flanneld.logFile)}`
  }, subject.bounds)
  return { host, flanneld, subnet: readHostSubnet(subnetFileOf(host)) as HostSubnet }
}

/** Waits for the leases, then for every host to have programmed its peers. */
export async function waitForPeers(subject: ReadySubject, hosts: readonly ReadyHost[]): Promise<void> {
  let leases: readonly LabLease[] = []
  await waitUntil(async () => {
    leases = await subject.readLeases(subject.plan)
    const without = hosts.find(
      ({ host, subnet }) =>
        !leases.some((lease) => lease.publicIp === host.publicIp && lease.subnet === subnetText(subnet)),
    )
    return without === undefined ? undefined : `no lease of ${without.host.name}`
  }, subject.bounds)
  await Promise.all(hosts.map((host) => waitForHost(subject, host, leases)))
}

function waitForHost(subject: ReadySubject, ready: ReadyHost, leases: readonly LabLease[]): Promise<void> {
  const { flanneld, subnet } = ready
  const peers = leases.filter((lease) => lease.subnet !== subnetText(subnet))
  return waitUntil(async () => {
    const ended = endedDaemon(flanneld)
    if (ended !== undefined) throw new LabError('failed', ended)
    const tables = await readTables(subject, ready)
    const missing =
      missingRules(subject, ready, tables) ?? firstMissingPeer(subject, ready, { tables, peers })
    if (missing === undefined) return undefined
    return `${flanneld.role} has not written its ${missing}: ${lastLogLines(flanneld.logFile)}`
  }, subject.bounds)
}

function firstMissingPeer(
  { plan, version }: ReadySubject,
  { host, subnet }: ReadyHost,
  { tables, peers }: { tables: HostTables; peers: readonly LabLease[] },
): string | undefined {
  const { vni, directRouting } = configured(plan)
  const isOld = (minorVersion(version) ?? 9) < 9
  const look = { vxlan: isOld ? oldVxlanPeer : vxlanPeer, 'host-gw': hostGwPeer, udp: udpPeer }[plan.backend]
  const network = formatPrefix(subnet.network)
  const sameUnderlay = (peer: LabLease): boolean => peer.publicIp.startsWith(host.gateway.replace(/1$/, ''))
  for (const peer of peers) {
    const direct = directRouting && sameUnderlay(peer)
    const missing = look(tables, { peer, network, link: `flannel.${vni}`, direct })
    if (missing !== undefined) return missing
  }
  return undefined
}

function missingRules(
  { plan, version }: ReadySubject,
  { subnet }: ReadyHost,
  { rules }: HostTables,
): string | undefined {
  if (configured(plan).nftables) return rules.includes('flannel-ipv4') ? undefined : 'nftables rules'
  const off = plan.flanneldOptions.some((word) => /^--?iptables-forward-rules=(false|f|0)$/i.test(word))
  const forward = !off && (minorVersion(version) ?? 10) >= 10
  return firewall(rules, { network: formatPrefix(subnet.network), masquerade: subnet.ipMasq, forward })
}

async function readTables({ plan }: ReadySubject, { host }: ReadyHost): Promise<HostTables> {
  const { vni, nftables } = configured(plan)
  const inside = placePrefix(host)
  const link = `flannel.${vni}`
  const rules = nftables ? $`${inside} nft list ruleset` : $`${inside} iptables-save`
  const routes = $`${inside} ip -j route`
  const isVxlan = plan.backend === 'vxlan'
  const neighbours = isVxlan ? $`${inside} ip -j neigh show dev ${link}` : undefined
  const fdb = isVxlan ? $`${inside} bridge -j fdb show dev ${link}` : undefined
  return {
    rules: (await rules).stdout,
    routes: rows(await routes),
    neighbours: rows(await neighbours),
    fdb: rows(await fdb),
    log: plan.backend === 'udp' ? readFileSync(`${host.directory}/flanneld.log`, 'utf8') : '',
  }
}

/** Rows of a table; none while its link is not there yet. */
function rows<T>(answer: { readonly stdout: string } | undefined): readonly T[] {
  const text = answer?.stdout.trim() ?? ''
  return text === '' ? [] : (JSON.parse(text) as T[])
}
