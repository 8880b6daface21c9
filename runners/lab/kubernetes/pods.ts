/** What a node has of CNI, and pods made with it: namespaces that the plugins flannel, bridge and portmap join to cni0. */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { shell } from '../../hosts/command/zx.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { LabError } from '../lab-error.ts'
import { ipBatch } from '../network/topology.ts'
import { placePrefix } from '../place.ts'
import type { PlannedContainer, PlannedHost } from '../plan/plan.ts'
import type { LabContainer } from '../running/state.ts'
import { askApi, type WithApi } from './api-server.ts'

const CONF_FOLDER = '/etc/cni/net.d'
const PLUGIN_FOLDER = '/opt/cni/bin'
/** Where flannel's init container puts it; flannel up to v0.9.1 wrote another name. */
const CONF_FILE = '10-flannel.conflist'

/** Lays the CNI plugins of a node but those. */
export function layPlugins(root: string, but: readonly string[]): void {
  mkdirSync(`${root}${PLUGIN_FOLDER}`, { recursive: true, mode: 0o755 })
  const { plugins } = kubernetesPrograms()
  for (const name of readdirSync(plugins).filter((each) => !each.includes('.') && !but.includes(each)))
    copyFileSync(`${plugins}/${name}`, `${root}${PLUGIN_FOLDER}/${name}`)
}

/** Lays the files that the init containers and the volumes of flannel's pod give a node. */
export function layNodeFiles(root: string, files: Readonly<Record<string, string>>): void {
  const folders = [CONF_FOLDER, '/etc/kube-flannel', '/run/flannel']
  for (const folder of folders) mkdirSync(`${root}${folder}`, { recursive: true, mode: 0o755 })
  for (const [name, text] of Object.entries(files)) writeFileSync(`${root}/etc/kube-flannel/${name}`, text)
  writeFileSync(`${root}${CONF_FOLDER}/${CONF_FILE}`, files['cni-conf.json'] ?? '')
}

/** Name of the network in the configuration that flannel's manifest has. */
function networkOf(files: Readonly<Record<string, string>>): string {
  return (JSON.parse(files['cni-conf.json'] ?? '{}') as { name?: string }).name ?? ''
}

/** Where pods are made, and the CNI network they are joined to. */
interface PodPlace {
  readonly lab: WithApi
  readonly host: PlannedHost
  readonly network: string
}

/** What scheduler, kubelet and container runtime would write of a pod that runs. */
async function writePod(lab: WithApi, pod: { name: string; node: string; address: string }): Promise<void> {
  const path = '/api/v1/namespaces/default/pods'
  const { name, node, address } = pod
  const spec = { nodeName: node, containers: [{ name, image: 'pause' }] }
  await askApi(lab, { method: 'POST', path, body: { metadata: { name }, spec } })
  const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] }
  await askApi(lab, { method: 'PATCH', path: `${path}/${name}/status`, body: { status } })
}

async function addPod({ lab, host, network }: PodPlace, container: PlannedContainer): Promise<LabContainer> {
  const env = { CNI_PATH: PLUGIN_FOLDER, NETCONFPATH: CONF_FOLDER, CNI_IFNAME: 'eth0' }
  const path = `${NETNS_DIR}/${container.namespace}`
  const { cnitool } = kubernetesPrograms()
  const { ok, stdout, stderr } = await shell({ env })`${placePrefix(host)} ${cnitool} add ${network} ${path}`
  if (!ok) throw new LabError('failed', `CNI plugins on ${host.name}: ${(stderr || stdout).trim()}`)
  await ipBatch(['link set lo up'], container) // the plugin loopback of a container runtime
  const { ips } = JSON.parse(stdout) as { ips: readonly { address: string }[] }
  const address = ips[0]?.address.split('/')[0] ?? ''
  await writePod(lab, { name: container.name, node: host.name, address })
  return { ...container, address }
}

/** Makes the host's pods, one after another: the first one makes cni0. */
export async function addPods(
  lab: WithApi,
  host: PlannedHost,
  files: Readonly<Record<string, string>>,
): Promise<readonly LabContainer[]> {
  const made: LabContainer[] = []
  const place = { lab, host, network: networkOf(files) }
  for (const container of host.containers) made.push(await addPod(place, container))
  return made
}
