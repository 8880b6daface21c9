/** Nodes of a lab that run pods: containerd and a kubelet on each, and a pod that `kubectl exec` enters. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { $ } from '../../hosts/command/zx.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { commandPath } from '../../setup/search-path.js'
import { startLabDaemon } from '../daemons/daemon.ts'
import { LabError } from '../lab-error.ts'
import { record } from '../ledger/ledger.ts'
import { placePrefix } from '../place.ts'
import type { LabHost, LabState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import { askApi } from './api-server.ts'

const WAIT_MS = 120_000
const PAUSE = 'registry.k8s.io/pause:lab'
const NODE_SHELL = 'docker.io/library/flannel-doctor:lab'
export const NAMESPACE = 'kube-flannel'

const until = (look: () => Promise<string | undefined> | string | undefined): Promise<void> =>
  waitUntil(look, { deadline: performance.now() + WAIT_MS })

async function must(words: readonly string[]): Promise<string> {
  const { ok, stdout, stderr } = await $`${words}`
  if (!ok) throw new LabError('failed', `${words.join(' ')}: ${stderr.trim()}`)
  return stdout
}

/** An image of busybox and links to the programs of the node, whose /usr the pod mounts; no registry is asked. */
async function writeImage(directory: string): Promise<string> {
  const [root, image] = [`${directory}/root`, `${directory}/image`]
  const folders = ['proc', 'sys', 'dev', 'tmp', 'run', 'etc', 'usr', 'var/lib', 'opt']
  for (const folder of [...folders.map((name) => `${root}/${name}`), image])
    mkdirSync(folder, { recursive: true })
  await must(['cp', commandPath('busybox') ?? 'busybox', `${root}/busybox`])
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    await must(['ln', '-s', `usr/${name}`, `${root}/${name}`])
  await must(['tar', '-C', root, '-cf', `${image}/layer.tar`, '.'])
  const hash = createHash('sha256')
    .update(readFileSync(`${image}/layer.tar`))
    .digest('hex')
  const config = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/busybox', 'sleep', '1000000'], Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hash}`] },
  }
  writeFileSync(`${image}/config.json`, JSON.stringify(config))
  const manifest = [{ Config: 'config.json', RepoTags: [PAUSE, NODE_SHELL], Layers: ['layer.tar'] }]
  writeFileSync(`${image}/manifest.json`, JSON.stringify(manifest))
  await must(['tar', '-C', image, '-cf', `${directory}/image.tar`, '.'])
  return `${directory}/image.tar`
}

const CRI = '[plugins."io.containerd.grpc.v1.cri"]'

/** Where root may not do all, runc cannot make a sandbox less likely to be killed than its parent. */
const containerdConfig = (directory: string): string => `version = 2
root = "${directory}/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
${CRI}
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
`

/** As on a machine whose cgroups and disks are others' affair; exec needs no certificate of the API server. */
const KUBELET = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  cgroupsPerQOS: false,
  enforceNodeAllocatable: [],
  failSwapOn: false,
  failCgroupV1: false,
  localStorageCapacityIsolation: false,
  evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '1Mi', 'imagefs.available': '1Mi' },
  resolvConf: '',
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
}

async function startNode(lab: LabState, host: LabHost, image: string): Promise<void> {
  const directory = `${lab.directory}/${host.name}/node`
  mkdirSync(directory, { recursive: true })
  const start = (program: string, argv: readonly string[]) =>
    startLabDaemon(lab, {
      role: `${program} of ${host.name}`,
      namespace: host.namespace,
      mounts: host.mounts,
      argv,
      directory,
      logFile: `${directory}/${program}.log`,
    })
  writeFileSync(`${directory}/containerd.toml`, containerdConfig(directory))
  await start('containerd', ['containerd', '--config', `${directory}/containerd.toml`])
  const socket = `${lab.directory}/${host.name}/root/run/containerd/containerd.sock`
  await until(() => (existsSync(socket) ? undefined : `containerd of ${host.name} does not listen`))
  await must([...placePrefix(host), 'ctr', '-n', 'k8s.io', 'images', 'import', image])
  writeFileSync(`${directory}/kubelet.yaml`, stringify(KUBELET))
  await start('kubelet', [
    kubernetesPrograms().cluster('kubelet'),
    `--config=${directory}/kubelet.yaml`,
    `--kubeconfig=${lab.kubernetes?.kubeconfig}`,
    `--node-ip=${host.address}`,
    `--hostname-override=${host.name}`,
    `--root-dir=${directory}/kubelet`,
    `--cert-dir=${directory}/pki`,
  ])
}

/** Folders of the node that the pod has at the same paths. */
const MOUNTED = ['/usr', '/etc/alternatives', '/etc/cni', '/opt/cni', '/var/lib/cni', '/run/flannel']

const podOn = (node: string) => ({
  metadata: { name: `doctor-${node}` },
  spec: {
    nodeName: node,
    hostNetwork: true,
    hostPID: true,
    volumes: MOUNTED.map((path, at) => ({ name: `v${at}`, hostPath: { path } })),
    containers: [
      {
        name: 'flannel-doctor',
        image: NODE_SHELL,
        imagePullPolicy: 'Never',
        securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW', 'SYS_PTRACE'] } },
        volumeMounts: MOUNTED.map((mountPath, at) => ({ name: `v${at}`, mountPath, readOnly: true })),
      },
    ],
  },
})

const pods = `/api/v1/namespaces/${NAMESPACE}/pods`

/** Starts it all on every node, and waits until each has its pod. The lab's own pods are no kubelet's: their objects go. */
export async function startPods(lab: LabState): Promise<void> {
  for (const { name } of lab.hosts.flatMap(({ containers }) => containers)) {
    const path = `/api/v1/namespaces/default/pods/${name}?gracePeriodSeconds=0`
    await askApi(lab, { method: 'DELETE', path })
  }
  const image = await writeImage(`${lab.directory}/node-image`)
  for (const host of lab.hosts) {
    await startNode(lab, host, image)
    await askApi(lab, { method: 'POST', path: pods, body: podOn(host.name) })
  }
  for (const host of lab.hosts) {
    await until(async () => {
      const path = `${pods}/doctor-${host.name}`
      const { status } = await askApi<{ status: { phase?: string } }>(lab, { method: 'GET', path })
      return status.phase === 'Running' ? undefined : `the pod on ${host.name} is ${status.phase}`
    })
    const ids = await must([...placePrefix(host), 'ctr', '-n', 'k8s.io', 'containers', 'ls', '-q'])
    for (const id of ids.trim().split('\n')) record(lab.directory, { kind: 'cgroup', name: `k8s.io/${id}` })
  }
}
