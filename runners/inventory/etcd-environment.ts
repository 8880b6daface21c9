/**
 * What the environment says about etcd. FLANNELD_* are flannel's own names (`main.go`, flags from the
 * environment), FLANNEL_ETCD_* those of the distributions' unit files, ETCDCTL_* those of etcdctl, v3 names
 * first, then v2 names.
 */

import { present } from '../../checks/model/present.ts'
import type { EtcdTarget } from './inventory.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Names in order of precedence. */
const NAMES = {
  endpoints: [
    'FLANNELD_ETCD_ENDPOINTS',
    'FLANNEL_ETCD_ENDPOINTS',
    'ETCDCTL_ENDPOINTS',
    'ETCDCTL_ENDPOINT',
    'ETCDCTL_PEERS',
  ],
  prefix: ['FLANNELD_ETCD_PREFIX', 'FLANNEL_ETCD_PREFIX'],
  ca: ['FLANNELD_ETCD_CAFILE', 'ETCDCTL_CACERT', 'ETCDCTL_CA_FILE'],
  cert: ['FLANNELD_ETCD_CERTFILE', 'ETCDCTL_CERT', 'ETCDCTL_CERT_FILE'],
  key: ['FLANNELD_ETCD_KEYFILE', 'ETCDCTL_KEY', 'ETCDCTL_KEY_FILE'],
  user: ['FLANNELD_ETCD_USERNAME', 'ETCDCTL_USER', 'ETCDCTL_USERNAME'],
  password: ['FLANNELD_ETCD_PASSWORD', 'ETCDCTL_PASSWORD'],
} as const

function read(env: Environment, names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== '')
}

/** `a,b` to its parts, blanks and empty parts left out. */
export function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** `name` or `name:password`; only the first colon separates. */
export function splitUser(text: string): { readonly user: string; readonly password?: string } {
  const colon = text.indexOf(':')
  return colon < 0 ? { user: text } : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The etcd settings of an environment; fields it does not name are absent. */
export function etcdFromEnvironment(env: Environment): EtcdTarget {
  const endpoints = splitList(read(env, NAMES.endpoints) ?? '')
  const account = read(env, NAMES.user)
  const password = read(env, NAMES.password)
  return present({
    endpoints: endpoints.length === 0 ? undefined : endpoints,
    prefix: read(env, NAMES.prefix),
    ca: read(env, NAMES.ca),
    cert: read(env, NAMES.cert),
    key: read(env, NAMES.key),
    password,
    ...(account === undefined ? {} : splitUser(account)),
  })
}
