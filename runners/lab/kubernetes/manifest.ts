/** flannel's own manifest in a lab: its namespace, account, rights and configuration, and where there are kubelets its pods. */
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { installManifest } from '../../setup/flannel-pods.js'
import { LabError } from '../lab-error.ts'
import type { LabPlan } from '../plan/plan.ts'
import { askApi, writeKubeconfigOf } from './api-server.ts'

/** An object of it, as far as it is read here. */
export interface Manifested {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly data?: Readonly<Record<string, string>>
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1'

/** Where objects of a kind are made. PodSecurityPolicy of older manifests is served no more. */
function pathOf({ kind, metadata: { namespace = 'default' } }: Manifested): string | undefined {
  switch (kind) {
    case 'Namespace':
      return '/api/v1/namespaces'
    case 'ClusterRole':
      return `${RBAC}/clusterroles`
    case 'ClusterRoleBinding':
      return `${RBAC}/clusterrolebindings`
    case 'ServiceAccount':
      return `/api/v1/namespaces/${namespace}/serviceaccounts`
    case 'DaemonSet':
      return `/apis/apps/v1/namespaces/${namespace}/daemonsets`
    case 'ConfigMap':
      return `/api/v1/namespaces/${namespace}/configmaps`
    default:
      return undefined
  }
}

/** What the lab takes over from the manifest. */
export interface AppliedManifest {
  /** Kubeconfig with a token of flannel's account. */
  readonly kubeconfig: string
  /** Files of flannel's ConfigMap by name, as its pods see them in /etc/kube-flannel. */
  readonly files: Readonly<Record<string, string>>
}

/** The objects of that version's manifest. Throws LabError where it cannot be had. */
export async function manifestObjects(version: string): Promise<readonly Manifested[]> {
  try {
    const text = readFileSync(await installManifest(version), 'utf8')
    return parseAllDocuments(text).flatMap((one) => (one.toJS() as Manifested | null) ?? [])
  } catch (error) {
    throw new LabError('missing', `flannel's manifest of ${version}: ${(error as Error).message}`)
  }
}

function named<T extends Manifested>(objects: readonly T[], kind: string): T {
  const found = objects.find((one) => one.kind === kind)
  if (found === undefined) throw new LabError('failed', `flannel's manifest has no ${kind}`)
  return found
}

/** Makes the objects, with the lab's network configuration in the ConfigMap. */
export async function applyManifest(plan: LabPlan, version: string): Promise<AppliedManifest> {
  const objects = await manifestObjects(version)
  const files = { ...named(objects, 'ConfigMap').data, 'net-conf.json': plan.config }
  for (const object of objects) {
    const path = pathOf(object)
    if (path === undefined || (object.kind === 'DaemonSet' && !plan.cluster)) continue
    // Older manifests name versions of RBAC that are served no more.
    const apiVersion = path.startsWith(RBAC) ? 'rbac.authorization.k8s.io/v1' : object.apiVersion
    const data = object.kind === 'ConfigMap' ? { data: files } : {}
    await askApi(plan, { method: 'POST', path, body: { ...object, apiVersion, ...data } })
  }
  const account = named(objects, 'ServiceAccount')
  const { status } = await askApi<{ status: { token: string } }>(plan, {
    method: 'POST',
    path: `${pathOf(account)}/${account.metadata.name}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 86_400 },
    },
  })
  return { kubeconfig: writeKubeconfigOf(plan, 'flannel', status.token), files }
}
