/** Reads from a healthy lab what a fault may have to put back. */

import { readFileSync } from 'node:fs'
import { formatAddress, lastAddress, networkAddress, parsePrefix } from '../../../checks/model/address.ts'
import { present } from '../../../checks/model/present.ts'
import type { FaultContainer, FaultContext, FaultHost } from '../../../fixtures/fault.ts'
import { $ } from '../../hosts/command/zx.ts'
import { commandWords } from '../../hosts/process-identity.ts'
import { readSubnetKeys } from '../daemons/lab-datastore.ts'
import { readNodes } from '../kubernetes/nodes.ts'
import { LabError, usage } from '../lab-error.ts'
import { type LabPlace, placePrefix } from '../place.ts'
import type { LabContainer, LabHost, LabState } from '../running/state.ts'

/** Which hosts a fault is aimed at. */
export interface FaultAim {
  readonly victim: string
  readonly peer: string
}

interface LinkRow {
  readonly ifname: string
  readonly ifindex: number
  readonly link_index?: number
  readonly address?: string
}

const UNDERLAY_LINK = 'eth0'

async function linksOf(place: LabPlace & { readonly name: string }): Promise<readonly LinkRow[]> {
  const { ok, stdout, stderr } = await $`${placePrefix(place)} ip -j link`
  if (!ok) throw new LabError('failed', `cannot read the links of ${place.name}: ${stderr.trim()}`)
  return JSON.parse(stdout) as LinkRow[]
}

/** VNI of the configuration; flannel's default is 1 (backend/vxlan/vxlan.go, defaultVNI). */
function flannelLinkOf(lab: LabState): string {
  if (lab.backend === 'host-gw') return UNDERLAY_LINK
  if (lab.backend === 'udp') return 'flannel0'
  const { Backend } = JSON.parse(lab.config) as { Backend?: { VNI?: number } }
  return `flannel.${Backend?.VNI ?? 1}`
}

async function containerOf(
  container: LabContainer | undefined,
  hostLinks: readonly LinkRow[],
): Promise<FaultContainer> {
  if (container === undefined) return usage('faults need a container on every host')
  const inside = (await linksOf(container)).find(({ ifname }) => ifname === UNDERLAY_LINK)
  const port = hostLinks.find(({ ifindex }) => ifindex === inside?.link_index)
  return { ...container, port: port?.ifname ?? '', mac: inside?.address ?? '' }
}

/** With IPv6 the key has the second subnet behind an & (flannel `pkg/subnet/subnet.go`, `MakeSubnetKey`). */
function leaseKeyOf(lab: LabState, { name, subnet }: LabHost, leases: ReadonlyMap<string, string>): string {
  if (lab.kubernetes !== undefined) return name
  const key = `${lab.prefix}/subnets/${subnet.replace('/', '-')}`
  return [...leases.keys()].find((other) => other.startsWith(`${key}&`)) ?? key
}

async function factsOf(
  lab: LabState,
  host: LabHost,
  leases: ReadonlyMap<string, string>,
): Promise<FaultHost> {
  const links = await linksOf(host)
  const macOf = (link: string): string => links.find(({ ifname }) => ifname === link)?.address ?? ''
  const [first = '', length = ''] = host.subnet.split('/')
  const subnetEnv = readFileSync(host.subnetFile, 'utf8')
  const leaseKey = leaseKeyOf(lab, host, leases)
  return {
    name: host.name,
    publicIp: host.address,
    subnet: host.subnet,
    networkAddress: first,
    bridgeAddress: /^FLANNEL_SUBNET=([\d.]+)\//m.exec(subnetEnv)?.[1] ?? '',
    bridgeMac: macOf(lab.kubernetes === undefined ? 'docker0' : 'cni0'),
    length: Number(length),
    mtu: Number(/^FLANNEL_MTU=(\d+)/m.exec(subnetEnv)?.[1]),
    vtepMac: macOf(flannelLinkOf(lab)),
    subnetFile: host.subnetFile,
    subnetEnv,
    flanneldPid: host.flanneldPid,
    flanneldArgv: commandWords(host.flanneldPid) ?? [],
    leaseKey,
    leaseValue: leases.get(leaseKey) ?? '',
    ...present({ dockerSocket: host.dockerSocket }),
    container: await containerOf(host.containers[0], links),
  }
}

/** Nodes as JSON, by name. */
async function nodeTexts(lab: LabState): Promise<ReadonlyMap<string, string>> {
  return new Map((await readNodes(lab)).map((node) => [node.metadata.name, JSON.stringify(node)]))
}

/** A /24 of the network that no key names, from its end; another one for each victim, as faults may be paired. */
function spareSubnet(network: string, leases: ReadonlyMap<string, string>, victim: number): string {
  const prefix = parsePrefix(network)
  if (prefix === undefined) throw new LabError('failed', `${network} is no network`)
  const keys = [...leases.keys()].map((key) => key.split('/').at(-1) ?? '')
  const spare: string[] = []
  // The first subnet is none: flannel leaves it out (SubnetMin, pkg/subnet/config.go).
  for (let at = lastAddress(prefix) - 255; at > networkAddress(prefix) && spare.length < 8; at -= 256) {
    const start = formatAddress(at)
    if (!keys.some((key) => key.startsWith(start.slice(0, -1)))) spare.push(`${start}/24`)
  }
  const chosen = spare[victim % spare.length]
  if (chosen === undefined) throw new LabError('failed', `no subnet of ${network} is free`)
  return chosen
}

/** Faults start from hosts that work. */
function intact(host: FaultHost | undefined): FaultHost {
  if (host !== undefined && host.flanneldArgv.length > 0 && host.leaseValue !== '') return host
  throw new LabError('failed', `${host?.name} has no flanneld or no lease: heal the lab first`)
}

function hostNamed(lab: LabState, name: string): LabHost {
  const names = lab.hosts.map((host) => host.name)
  return (
    lab.hosts.find((host) => host.name === name) ??
    usage(`lab ${lab.name} has no host ${name}; it has ${names.join(', ')}`)
  )
}

/** Reads it from a lab in which nothing is injected. Throws LabError for hosts the lab does not have. */
export async function readContext(lab: LabState, aim: FaultAim): Promise<FaultContext> {
  const victim = hostNamed(lab, aim.victim)
  const peer = hostNamed(lab, aim.peer)
  if (victim === peer) usage('a fault needs two different hosts')
  const third = lab.hosts.find((host) => host !== victim && host !== peer) ?? peer
  const leases = await (lab.kubernetes === undefined ? readSubnetKeys(lab) : nodeTexts(lab))
  const facts = await Promise.all(lab.hosts.map((host) => factsOf(lab, host, leases)))
  const factsOfHost = (host: LabHost): FaultHost => intact(facts[lab.hosts.indexOf(host)])
  const hosts = { victim: factsOfHost(victim), peer: factsOfHost(peer), third: factsOfHost(third) }
  const peers = facts.filter(({ name, leaseValue }) => name !== victim.name && leaseValue !== '')
  const { backend, config, prefix, etcdApi, endpoint, directory } = lab
  const network = (JSON.parse(config) as { Network: string }).Network
  const gateway = victim.address.replace(/\.\d+$/, '.1')
  const links = { flannelLink: flannelLinkOf(lab), underlayLink: UNDERLAY_LINK }
  const space = { network, spareSubnet: spareSubnet(network, leases, lab.hosts.indexOf(victim)), gateway }
  return { backend, ...hosts, peers, ...links, ...space, config, prefix, etcdApi, endpoint, directory }
}
