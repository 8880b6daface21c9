/** What a running flanneld was told: its command line first, then FLANNELD_* of its environment. */
import { isAbsolute } from 'node:path'
import type { FlanneldProcess } from '../../checks/model/daemon.ts'
import { present } from '../../checks/model/present.ts'
import { etcdFromEnvironment, splitList } from './etcd-environment.ts'
import type { EtcdTarget, HostTarget } from './inventory.ts'

/** What stands in for a password that was masked on its host. */
const MASKED = /^(\*+|x{3,}|\[?(masked|redacted)\]?|<(masked|redacted)>)$/i

/** Value of a flag in Go's forms `-x=v`, `--x=v`, `-x v`; the last one counts, and `--` ends the flags. */
export function flagValue(argv: readonly string[], name: string): string | undefined {
  let value: string | undefined
  for (const [index, word] of argv.entries()) {
    if (index > 0 && word === '--') break
    const bare = word.replace(/^--?/, '')
    if (bare === word) continue
    if (bare === name) value = argv[index + 1]
    else if (bare.startsWith(`${name}=`)) value = bare.slice(name.length + 1)
  }
  return value
}

function unmasked(value: string | undefined): string | undefined {
  return value === undefined || value === '' || MASKED.test(value) ? undefined : value
}

/** Only an absolute path can be used without knowing the daemon's working directory. */
export function absolutePath(value: string | undefined): string | undefined {
  return value !== undefined && isAbsolute(value) ? value : undefined
}

/** The etcd settings of a flanneld; what it was not told is absent, and so is a masked password. */
export function etcdOfFlanneld({ argv, environment }: FlanneldProcess): EtcdTarget {
  const flag = (name: string): string | undefined => flagValue(argv, name) || undefined
  const endpoints = splitList(flag('etcd-endpoints') ?? '')
  const told = present({
    endpoints: endpoints.length === 0 ? undefined : endpoints,
    prefix: flag('etcd-prefix'),
    ca: flag('etcd-cafile'),
    cert: flag('etcd-certfile'),
    key: flag('etcd-keyfile'),
    user: flag('etcd-username'),
    password: flag('etcd-password'),
  })
  const { password, ca, cert, key, ...rest } = { ...etcdFromEnvironment(environment), ...told }
  return {
    ...rest,
    ...present({
      ca: absolutePath(ca),
      cert: absolutePath(cert),
      key: absolutePath(key),
      password: unmasked(password),
    }),
  }
}

/** The subnet file a flanneld writes, where it was told one. */
function subnetFileOfFlanneld({ argv, environment }: FlanneldProcess): string | undefined {
  return absolutePath(flagValue(argv, 'subnet-file') || environment.FLANNELD_SUBNET_FILE)
}

/** True when leases live in Kubernetes and etcd plays no part (flannel `main.go`, -kube-subnet-mgr). */
export function usesKubernetes({ argv, environment }: FlanneldProcess): boolean {
  const bare = argv.some((word) => /^--?kube-subnet-mgr(=(1|t|true))?$/i.test(word))
  return bare || /^(1|t|true)$/i.test(environment.FLANNELD_KUBE_SUBNET_MGR ?? '')
}

/** One host alone is where that flanneld runs, and has its subnet file. */
export function fillSubnetFile(
  hosts: readonly HostTarget[],
  process: FlanneldProcess,
): readonly HostTarget[] {
  const subnetFile = subnetFileOfFlanneld(process)
  const [only] = hosts
  if (subnetFile === undefined || only === undefined || hosts.length > 1) return hosts
  return [{ subnetFile, ...only }]
}
