/** What the service account of flannel may do in a cluster. */
import type { ClusterControl } from '../../lab/control/host-control.ts'

/** Documentation/kube-flannel.yml: a role and an account of this name. */
const ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/flannel'
const USER = 'system:serviceaccount:kube-flannel:flannel'

interface Role {
  readonly rules: readonly { readonly resources?: readonly string[] }[]
}

/** Says so while the account may still write annotations; the API server takes a moment to follow its roles. */
export async function accountMayPatch(cluster: ClusterControl): Promise<string | undefined> {
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: USER, resourceAttributes: { verb: 'patch', resource: 'nodes', subresource: 'status' } },
  }
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const { status } = await cluster.ask<{ status: { allowed: boolean } }>({ method: 'POST', path, body })
  return status.allowed ? 'the account of flannel may still write annotations' : undefined
}

/** Does something while the account may not write annotations, and gives the right back however that ends. */
export async function withoutPatch<T>(cluster: ClusterControl, use: () => Promise<T>): Promise<T> {
  const { rules } = await cluster.ask<Role>({ method: 'GET', path: ROLE })
  const write = (body: Role): Promise<unknown> => cluster.ask({ method: 'PATCH', path: ROLE, body })
  await write({ rules: rules.filter(({ resources = [] }) => !resources.includes('nodes/status')) })
  try {
    return await use()
  } finally {
    await write({ rules })
  }
}
