/** Where the Kubernetes API is: flags, the inventory's datastore, the environment, and what a running flanneld was told. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import type { FlanneldProcess } from '../../checks/model/daemon.ts'
import { present } from '../../checks/model/present.ts'
import type { KubernetesRequest } from '../datastore/kubernetes/request.ts'
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
  if (!isHere || kubeconfig === undefined || !existsSync(kubeconfig)) return {}
  return { kubeconfig, isTold: true, ...(kind === 'netns' && { via }) }
}

/** The files that kubectl would read (client-go `tools/clientcmd/loader.go`); none in a pod without any. */
function usualFiles(env: Environment): readonly string[] {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean)
  if (named.length > 0) return named
  const usual = join(homedir(), '.kube', 'config')
  return existsSync(usual) ? [usual] : []
}

/** What to ask the API for. A file that a person named counts before one that flanneld was told. */
export function kubernetesRequest(target: KubernetesTarget, env: Environment): KubernetesRequest {
  const { kubeconfig, via: _, isTold, ...rest } = target
  const isOwn = kubeconfig !== undefined && isTold !== true
  const usual = isOwn || !(env.KUBECONFIG ?? '') ? [] : usualFiles(env)
  if (usual.length > 0) return { ...rest, kubeconfig: usual }
  if (kubeconfig === undefined) return { ...rest, kubeconfig: usualFiles(env) }
  return { ...rest, kubeconfig: [kubeconfig], ...present({ isTold }) }
}
