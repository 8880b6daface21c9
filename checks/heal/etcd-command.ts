/** Commands that change a key of flannel's etcd, in the words of the API that flannel reads it by. */

import type { DatastoreStep } from '../heal-step.ts'
import type { EtcdStatus } from '../model/etcd-member.ts'
import type { EtcdApi } from '../model/network-config.ts'
import { fillCommand, shellWord } from '../model/shell-words.ts'

const VERBS = { v2: { put: 'set', delete: 'rm' }, v3: { put: 'put', delete: 'del' } } as const

/** `etcdctl` with the API and an endpoint that answered; undefined where none did. */
export function etcdctl({ endpoints, api }: EtcdStatus, asked: EtcdApi = api): string | undefined {
  const url = endpoints.find(({ reachable }) => reachable)?.url
  const endpoint = url === undefined ? undefined : shellWord(url)
  return endpoint && `ETCDCTL_API=${asked.slice(1)} etcdctl --endpoints=${endpoint}`
}

/** The command of a step; undefined where it cannot be written. */
export function etcdCommand(
  step: DatastoreStep,
  etcd: EtcdStatus,
  values: Readonly<Record<string, string | number | undefined>>,
): string | undefined {
  const api = step.api === undefined ? etcd.api : values[step.api]
  if (api !== 'v2' && api !== 'v3') return undefined
  const client = etcdctl(etcd, api)
  const words = fillCommand(step.etcd === 'put' ? `${step.key} ${step.value}` : step.key, values)
  return client === undefined || words === undefined
    ? undefined
    : `${client} ${VERBS[api][step.etcd]} ${words}`
}
