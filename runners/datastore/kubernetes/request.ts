/** What to ask the Kubernetes API for, and through what. */

/** One answer, a page of a list or an exec plugin, in milliseconds. */
export const KUBERNETES_TIMEOUT_MS = 10_000

/** Where a pod finds its service account. */
export const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

export interface KubernetesRequest {
  /** Files, first one first, joined as kubectl does; empty: the service account of the pod that this process runs in. */
  readonly kubeconfig: readonly string[]
  /** Default: the file's current one. */
  readonly context?: string
  /** Where flannel's ConfigMap is; default: where its manifests put it. */
  readonly namespace?: string
  /** A running flanneld named the file, no person did: no program that it names is run. */
  readonly isTold?: true
  /** Default KUBERNETES_TIMEOUT_MS. */
  readonly timeoutMs?: number
}

/** Why the API cannot be asked, in one line without anything secret. */
export class KubeAccessError extends Error {
  readonly why: 'not-permitted' | 'unreachable' | 'timed-out' | 'unparsable' | 'missing' | 'not-installed'
  constructor(why: KubeAccessError['why'], message: string) {
    super(message)
    this.name = 'KubeAccessError'
    this.why = why
  }
}
