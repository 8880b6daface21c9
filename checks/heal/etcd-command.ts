/** Commands that change a key of flannel's etcd, in the words of the API that flannel reads it by. */

import type { DatastoreStep } from '../heal-step.ts'
import type { EtcdStatus } from '../model/etcd-member.ts'
import type { EtcdApi } from '../model/network-config.ts'
import { fillCommand, shellWord } from '../model/shell-words.ts'

const VERBS = {
  v2: { put: 'set', delete: 'rm', get: 'get' },
  v3: { put: 'put', delete: 'del', get: 'get --print-value-only' },
} as const

/** `etcdctl` of an API with a verb and a key. */
interface KeyCommand {
  readonly api: EtcdApi
  readonly verb: 'put' | 'delete' | 'get'
  readonly words: string
}

function keyCommand(etcd: EtcdStatus, { api, verb, words }: KeyCommand): string | undefined {
  const client = etcdctl(etcd, api)
  return client && `${client} ${VERBS[api][verb]} ${words}`
}

function isApi(value: string | number | undefined): value is EtcdApi {
  return value === 'v2' || value === 'v3'
}

/** `etcdctl` with the API and an endpoint that answered; undefined where none did. */
function etcdctl({ endpoints, api }: EtcdStatus, asked: EtcdApi = api): string | undefined {
  const url = endpoints.find(({ reachable }) => reachable)?.url
  const endpoint = url === undefined ? undefined : shellWord(url)
  return endpoint && `ETCDCTL_API=${asked.slice(1)} etcdctl --endpoints=${endpoint}`
}

/** Hidden characters of a key are shown as escapes and a long key is cut: what is shown then names no key of etcd. */
const SHOWN_OTHERWISE = /[\\…]/

type Values = Readonly<Record<string, string | number | undefined>>

/** From the store of one API to that of the other. */
function copyCommand(
  etcd: EtcdStatus,
  {
    from,
    to,
    words,
  }: { readonly from: string | number | undefined; readonly to: EtcdApi; readonly words: string },
): string | undefined {
  const read = isApi(from) ? keyCommand(etcd, { api: from, verb: 'get', words }) : undefined
  const write = keyCommand(etcd, { api: to, verb: 'put', words })
  return read && write && `${read} | ${write}`
}

/** The command of a step; undefined where it cannot be written. */
export function etcdCommand(step: DatastoreStep, etcd: EtcdStatus, values: Values): string | undefined {
  const api = step.api === undefined ? etcd.api : values[step.api]
  const words = fillCommand(step.etcd === 'put' ? `${step.key} ${step.value}` : step.key, values)
  if (!isApi(api) || words === undefined) return undefined
  if (step.etcd === 'delete' && SHOWN_OTHERWISE.test(words)) return undefined
  if (step.etcd === 'copy') return copyCommand(etcd, { from: values[step.from], to: api, words })
  if (step.etcd !== 'run') return keyCommand(etcd, { api, verb: step.etcd, words })
  const client = etcdctl(etcd, api)
  return client && `${client} ${words}`
}
