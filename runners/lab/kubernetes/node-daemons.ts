/** What a node of a cluster runs: containerd, a kubelet and kube-proxy, with files and cgroups of their own. */
import { existsSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { $, shell } from '../../hosts/command/zx.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { endedDaemon, startLabDaemon } from '../daemons/daemon.ts'
import { makeCgroup } from '../daemons/lab-cgroup.ts'
import { LabError } from '../lab-error.ts'
import { type LabPlace, placePrefix } from '../place.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import { adminKubeconfig, type WithApi } from './api-server.ts'
import { clusterCidr } from './controllers.ts'
import { PAUSE_IMAGE } from './images.ts'

const SOCKET = '/run/containerd/containerd.sock'
const IMPORT_MS = 300_000
const CRI = '[plugins."io.containerd.grpc.v1.cri"]'

/** Where root may not do all, runc cannot make a sandbox less likely to be killed than its parent. */
const containerdConfig = (directory: string): string => `version = 2
root = "${directory}/containerd"
state = "/run/containerd"
[grpc]
  address = "${SOCKET}"
${CRI}
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
${CRI.replace(']', '.containerd.runtimes.runc]')}
  runtime_type = "io.containerd.runc.v2"
${CRI.replace(']', '.containerd.runtimes.runc.options]')}
  BinaryName = "${kubernetesPrograms().runtime}/runc"
`

/** Memory and disk are the machine's own affair, and exec needs no certificate of the API server. */
const kubeletConfig = (cgroup: string) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: `unix://${SOCKET}`,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${cgroup}`,
  enforceNodeAllocatable: [],
  failSwapOn: false,
  failCgroupV1: false,
  localStorageCapacityIsolation: false,
  evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '1Mi', 'imagefs.available': '1Mi' },
  resolvConf: '',
  // A node is ready as soon as its runtime has read the CNI configuration.
  nodeStatusUpdateFrequency: '1s',
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
})

/** Words that ask the node's containerd, from this machine. */
export const ctrWords = (host: LabPlace): readonly string[] => [
  ...placePrefix(host),
  `${kubernetesPrograms().runtime}/ctr`,
  '-n',
  'k8s.io',
]

const asNode = (lab: WithApi, name: string): readonly string[] => [
  `--kubeconfig=${adminKubeconfig(lab)}`,
  `--hostname-override=${name}`,
]

type Start = (role: string, argv: readonly string[]) => ReturnType<typeof startLabDaemon>

async function startRuntime(host: PlannedHost, start: Start, bounds: WaitBounds): Promise<void> {
  const config = `${host.directory}/containerd.toml`
  writeFileSync(config, containerdConfig(host.directory))
  const containerd = await start('containerd', [
    `${kubernetesPrograms().runtime}/containerd`,
    '--config',
    config,
  ])
  await waitUntil(() => {
    const ended = endedDaemon(containerd)
    if (ended !== undefined) throw new LabError('failed', ended)
    return existsSync(`${host.root}${SOCKET}`) ? undefined : `${containerd.role} does not listen`
  }, bounds)
}

/** The kube-proxy of a node, in any lab with an API server. */
export const proxyWords = (
  lab: WithApi & Pick<LabPlan, 'config'>,
  node: string,
  mode: 'iptables' | 'nftables',
): readonly string[] => [
  kubernetesPrograms().cluster('kube-proxy'),
  ...asNode(lab, node),
  `--cluster-cidr=${clusterCidr(lab)}`,
  `--proxy-mode=${mode}`,
  // How many connections the kernel tracks is the machine's own affair.
  '--conntrack-max-per-core=0',
  '--conntrack-tcp-timeout-established=0',
  '--conntrack-tcp-timeout-close-wait=0',
]

/** Starts all three; the images are there before the kubelet is. The host's mounts must be held. */
export async function startNode(
  plan: LabPlan,
  host: PlannedHost,
  { images, bounds }: { readonly images: Promise<readonly string[]>; readonly bounds: WaitBounds },
): Promise<void> {
  const { directory, namespace, mounts, name, address } = host
  const start: Start = (program, argv) =>
    startLabDaemon(plan, {
      role: `${program} of ${name}`,
      namespace,
      mounts,
      argv,
      directory,
      logFile: `${directory}/${program}.log`,
    })
  await startRuntime(host, start, bounds)
  for (const image of await images) {
    const { ok, stderr } = await shell({ timeoutMs: IMPORT_MS })`${ctrWords(host)} images import ${image}`
    if (!ok) throw new LabError('failed', `containerd of ${name} cannot import an image: ${stderr.trim()}`)
  }
  const cgroup = `fd-${plan.token}/${name}`
  makeCgroup(cgroup)
  const config = `${directory}/kubelet.yaml`
  writeFileSync(config, stringify(kubeletConfig(cgroup)))
  await start('kubelet', [
    kubernetesPrograms().cluster('kubelet'),
    ...asNode(plan, name),
    `--config=${config}`,
    `--node-ip=${address}`,
    `--root-dir=${directory}/kubelet`,
    `--cert-dir=${directory}/kubelet/pki`,
  ])
  await start('kube-proxy', proxyWords(plan, name, 'iptables'))
}

/** Processes of the node's containers by the id of each. */
export async function tasksOf(host: PlannedHost): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await $`${ctrWords(host)} tasks ls`
  const rows = stdout.trim().split('\n').slice(1)
  return new Map(rows.map((row) => row.split(/\s+/)).map(([id = '', pid]) => [id, Number(pid)]))
}
