/** Where the Kubernetes API is: flags, the inventory's datastore, the environment, and what a running flanneld was told. */
import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import type { FlanneldProcess } from '../../checks/model/daemon.ts'
import { present } from '../../checks/model/present.ts'
import { ACCOUNT, type KubernetesRequest } from '../datastore/kubernetes/request.ts'
import { parseHostUrl } from '../hosts/host-url.ts'
import type { Environment } from './etcd-environment.ts'
import { absolutePath, flagValue } from './flanneld-settings.ts'

/** A cluster whose nodes are the leases. Everything left out is as kubectl has it. */
export interface KubernetesTarget {
  /** Absolute. */
  readonly kubeconfig?: string
  readonly context?: string
  /** Of flannel's own objects. */
  readonly namespace?: string
  /** Host URL of the host whose network reaches the API. */
  readonly via?: string
  /** A running flanneld named the file. */
  readonly isTold?: true
  /** A node of the cluster is this machine: its own kubeconfig may be read. */
  readonly isOnNode?: true
}

/** `--kubeconfig` and `--context`; undefined without either. */
export function kubernetesFromFlags(options: {
  readonly kubeconfig?: string
  readonly context?: string
}): KubernetesTarget | undefined {
  const { kubeconfig, context } = options
  if (kubeconfig === undefined && context === undefined) return undefined
  return present({ kubeconfig: kubeconfig === undefined ? undefined : resolve(kubeconfig), context })
}

/** The file counts where it can be one of this machine; a flanneld in a pod has its account instead. */
export function kubernetesOfFlanneld({ argv, environment }: FlanneldProcess, via: string): KubernetesTarget {
  const { kind } = parseHostUrl(via)
  const told = flagValue(argv, 'kubeconfig-file') || environment.FLANNELD_KUBECONFIG_FILE
  const kubeconfig = absolutePath(told)
  const isHere = kind === 'local' || kind === 'netns'
  if (!isHere || kubeconfig === undefined || !existsSync(kubeconfig)) return onNode(kind === 'local')
  return { kubeconfig, isTold: true, ...(kind === 'netns' && { via }) }
}

/** The cluster of a node that says so without a flanneld (k3s). */
export function kubernetesOfNode(via: string): KubernetesTarget {
  return onNode(parseHostUrl(via).kind === 'local')
}

function onNode(isHere: boolean): KubernetesTarget {
  return isHere ? { isOnNode: true } : {}
}

/** What kubeadm, k3s and RKE2 leave on a node for whoever is root there. */
const NODE_FILES = ['/etc/kubernetes/admin.conf', '/etc/rancher/k3s/k3s.yaml', '/etc/rancher/rke2/rke2.yaml']

/** A file of root that nobody else may write: what it names is trusted as root's own. */
function isRootsOwn(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && found.uid === 0 && (found.mode & 0o022) === 0
}

/** True in a pod that has a service account: it counts before the files of a node (client-go `rest/config.go`). */
export function isInCluster({ KUBERNETES_SERVICE_HOST: host = '' }: Environment): boolean {
  return host !== '' && existsSync(`${ACCOUNT}/token`)
}

/** The files that kubectl would read (client-go `tools/clientcmd/loader.go`), else for root that of the node; none in a pod. */
function usualFiles(env: Environment, files: readonly string[]): readonly string[] {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean)
  if (named.length > 0) return named
  const usual = join(homedir(), '.kube', 'config')
  if (existsSync(usual)) return [usual]
  if (isInCluster(env) || process.getuid?.() !== 0) return []
  const own = files.find(isRootsOwn)
  return own === undefined ? [] : [own]
}

/** What to ask the API for. A file that a person named counts before one that flanneld was told. */
export function kubernetesRequest(
  target: KubernetesTarget,
  env: Environment,
  nodeFiles: readonly string[] = NODE_FILES,
): KubernetesRequest {
  const { kubeconfig, via: _, isTold, isOnNode, ...rest } = target
  const files = isOnNode ? nodeFiles : []
  const isOwn = kubeconfig !== undefined && isTold !== true
  const usual = isOwn || !(env.KUBECONFIG ?? '') ? [] : usualFiles(env, files)
  if (usual.length > 0) return { ...rest, kubeconfig: usual }
  if (kubeconfig === undefined) return { ...rest, kubeconfig: usualFiles(env, files) }
  return { ...rest, kubeconfig: [kubeconfig], ...present({ isTold }) }
}
