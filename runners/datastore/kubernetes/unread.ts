/** What is told of a reading without its schema, which a run with etcd never loads. */
import type { KubernetesReading, ReadingProblem } from './reading.ts'

/** True for the content of a saved state's datastore.json that is about Kubernetes. */
export function isKubernetes(content: unknown): content is { readonly kind: 'kubernetes' } {
  return typeof content === 'object' && content !== null && 'kind' in content && content.kind === 'kubernetes'
}

/** A reading of a server that gave nothing. */
export function unreadKubernetes(server: string, why: ReadingProblem): KubernetesReading {
  const none = { problem: why }
  const resources = {
    ...{ nodes: none, configmaps: none, daemonsets: none, pods: none, services: none, endpointslices: none },
  }
  return { kind: 'kubernetes', server, resources, at: Date.now() }
}
