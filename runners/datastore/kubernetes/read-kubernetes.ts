/** Reads flannel's part of a cluster: nodes, its ConfigMap, its DaemonSet, who the pods are and which services they have. */
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { type ApiAccess, apiAccess } from './api-access.ts'
import { ApiError, type ApiLimits, apiGet, apiList } from './api-get.ts'
import {
  configMapObject,
  daemonSetObject,
  endpointSliceObject,
  type KubernetesReading,
  nodeObject,
  podObject,
  type ReadingProblem,
  serviceObject,
} from './reading.ts'
import { KUBERNETES_TIMEOUT_MS, KubeAccessError, type KubernetesRequest } from './request.ts'
import { unreadKubernetes } from './unread.ts'

/** Where manifests and distributions put net-conf.json: flannel since v0.20.0, flannel before, canal, RKE2's canal. */
const CONFIG_MAPS = [
  ['kube-flannel', 'kube-flannel-cfg'],
  ['kube-system', 'kube-flannel-cfg'],
  ['kube-system', 'canal-config'],
  ['kube-system', 'rke2-canal-config'],
] as const

/** Why a list was not read that any other would not be read for. */
const NO_SERVER: ReadonlySet<string> = new Set(['unreachable', 'timed-out'])

interface Asked {
  readonly access: ApiAccess
  readonly limits: ApiLimits
  readonly namespace?: string
}

type Listed<T> = { items: T[] } | { problem: ReadingProblem }

/** What was read, or why it was not. */
async function attempt<T>(work: () => Promise<T[]>): Promise<Listed<T>> {
  try {
    return { items: await work() }
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof KubeAccessError)) throw error
    return { problem: { why: error.why, detail: error.message } }
  }
}

/** Only the parsed object is kept: all else of a page is forgotten before the next one comes. */
function keeping<T>(schema: { readonly safeParse: (item: unknown) => { readonly data?: T } }) {
  return (item: unknown): unknown => schema.safeParse(item).data
}

async function listOf<T>(
  { access, limits }: Asked,
  path: string,
  schema: Parameters<typeof keeping<T>>[0],
): Promise<Listed<T>> {
  return attempt(async () => {
    const items = await apiList(access, { path, keep: keeping(schema) }, limits)
    return items.filter((item) => item !== undefined) as T[]
  })
}

/** The ConfigMaps that may hold the configuration: in the namespace that was named, else where they usually are. */
async function configMaps(asked: Asked): Promise<KubernetesReading['resources']['configmaps']> {
  const { access, limits, namespace } = asked
  const names = CONFIG_MAPS.map(([, name]) => name)
  const places =
    namespace === undefined ? CONFIG_MAPS : [...new Set(names)].map((name) => [namespace, name] as const)
  const read = places.map(async ([within, name]) =>
    attempt(async () => {
      const path = `/api/v1/namespaces/${encodeURIComponent(within)}/configmaps/${name}`
      const { data } = configMapObject.safeParse(await apiGet(access, path, limits))
      if (data === undefined) throw new ApiError('unparsable', 200, `${name} is no ConfigMap`)
      return [data]
    }),
  )
  const found = await Promise.all(read)
  const missing = places.flatMap(([within, name], at) => {
    const one = found[at]
    return one && 'problem' in one && one.problem.why === 'missing' ? [`${within}/${name}`] : []
  })
  const items = found.flatMap((one) => ('items' in one ? one.items : []))
  const problems = found.flatMap((one) => ('problem' in one ? one.problem : []))
  const worse = problems.find(({ why }) => why !== 'missing')
  return items.length === 0 && worse !== undefined ? { problem: worse } : { items, missing }
}

async function versionOf({ access, limits }: Asked): Promise<string | undefined> {
  try {
    const { gitVersion } = await apiGet(access, '/version', limits)
    return typeof gitVersion === 'string' ? printable(gitVersion, 40) : undefined
  } catch (error) {
    if (error instanceof ApiError || error instanceof KubeAccessError) return undefined
    throw error
  }
}

async function readAll(asked: Asked): Promise<KubernetesReading> {
  // The first answer says whether there is a server; the rest is asked at once.
  const server = asked.access.server.origin
  const nodes = await listOf(asked, '/api/v1/nodes', nodeObject)
  if ('problem' in nodes && NO_SERVER.has(nodes.problem.why)) {
    const { why, detail } = nodes.problem
    return unreadKubernetes(server, { why, detail: `Kubernetes API ${server}: ${detail}` })
  }
  const within = asked.namespace === undefined ? '' : `/namespaces/${encodeURIComponent(asked.namespace)}`
  const [version, configmaps, daemonsets, pods, services, endpointslices] = await Promise.all([
    versionOf(asked),
    configMaps(asked),
    listOf(asked, `/apis/apps/v1${within}/daemonsets`, daemonSetObject),
    listOf(asked, '/api/v1/pods', podObject),
    listOf(asked, '/api/v1/services', serviceObject),
    listOf(asked, '/apis/discovery.k8s.io/v1/endpointslices', endpointSliceObject),
  ])
  const resources = { nodes, configmaps, daemonsets, pods, services, endpointslices }
  return { kind: 'kubernetes', server, ...present({ version }), resources, at: Date.now() }
}

/** By which right the API was asked, for whoever reads the report. */
function accessText({ kubeconfig }: KubernetesRequest): string {
  return kubeconfig.length === 0
    ? 'the service account of this pod'
    : `kubeconfig ${printable(kubeconfig.join(':'), 200)}`
}

/** The reading; never rejects: what could not be read is in it. */
export async function readKubernetes(
  request: KubernetesRequest,
  signal: AbortSignal,
): Promise<KubernetesReading> {
  const { timeoutMs = KUBERNETES_TIMEOUT_MS, namespace } = request
  let server = ''
  try {
    const access = await apiAccess({ ...request, signal })
    server = access.server.origin
    const read = await readAll({ access, limits: { timeoutMs, signal }, ...present({ namespace }) })
    return { ...read, access: accessText(request) }
  } catch (error) {
    if (!(error instanceof KubeAccessError)) throw error
    const { why, message } = error
    const place = server === '' ? '' : `Kubernetes API ${server}: `
    return unreadKubernetes(server, { why, detail: `${place}${message}` })
  }
}
