/** The files that flags and an inventory name are what they are named as, before any host is asked. */
import { readFileSync, statSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { printable } from '../../reports/layout/printable.ts'
import type { KubeAccessError } from '../datastore/kubernetes/request.ts'
import { InputError } from '../input-error.ts'
import type { EtcdTarget } from './inventory.ts'
import type { KubernetesTarget } from './kubernetes-target.ts'

async function refuseUnreadable(name: string, path: string): Promise<void> {
  await access(path, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
    const words = error.code === 'ENOENT' ? 'no such file' : 'not permitted to read it'
    throw new InputError(`${name} ${printable(path)}: ${words}`)
  })
  if (statSync(path).isDirectory()) throw new InputError(`${name} ${printable(path)}: is a directory`)
}

/** What a pipe holds can be read only once: it is left for whoever uses it. */
const isKept = (path: string): boolean => statSync(path).isFile()

function refuseNoPem(name: string, path: string): void {
  if (!isKept(path) || readFileSync(path, 'latin1').includes('-----BEGIN ')) return
  throw new InputError(`${name} ${printable(path)}: expected PEM, found no line -----BEGIN …-----`)
}

async function refuseNoContext(kubeconfig: string, context: string | undefined): Promise<void> {
  if (!isKept(kubeconfig)) return
  const { kubeContext } = await import('../datastore/kubernetes/kubeconfig.ts')
  await kubeContext([kubeconfig], context).catch((error: KubeAccessError) => {
    throw new InputError(error.message)
  })
}

interface NamedFiles {
  readonly etcd: EtcdTarget
  readonly kubernetes: KubernetesTarget | undefined
  readonly sshConfig: string | undefined
}

/** Throws InputError for a file that cannot be read, a certificate or key that is not PEM, a kubeconfig without the context. */
export async function refuseWrongFiles({ etcd, kubernetes, sshConfig }: NamedFiles): Promise<void> {
  for (const [name, path] of [
    ['etcd ca', etcd.ca],
    ['etcd cert', etcd.cert],
    ['etcd key', etcd.key],
  ] as const) {
    if (path === undefined) continue
    await refuseUnreadable(name, path)
    refuseNoPem(name, path)
  }
  if (kubernetes?.kubeconfig !== undefined) {
    await refuseUnreadable('kubeconfig', kubernetes.kubeconfig)
    await refuseNoContext(kubernetes.kubeconfig, kubernetes.context)
  }
  if (sshConfig !== undefined) await refuseUnreadable('sshConfig', sshConfig)
}
