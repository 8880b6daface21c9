/** A reading of etcd to the datastore's facts, each absence with what an operator needs to know in one line. */

import type { EtcdStatus } from '../../checks/model/etcd-member.ts'
import type { EtcdApi } from '../../checks/model/network-config.ts'
import { present } from '../../checks/model/present.ts'
import type { Absence, DatastoreFacts, Fact, Source } from '../../checks/model/snapshot.ts'
import { printable } from '../../reports/layout/printable.ts'
import { posixQuote } from '../hosts/command/quote.ts'
import { chooseApi } from './choose-api.ts'
import { type FlanneldWords, kubernetesFacts } from './kubernetes/kubernetes-facts.ts'
import { isKubernetes } from './kubernetes/unread.ts'
import { parseLeases } from './parse-leases.ts'
import type { DatastoreReading, EtcdEntry, EtcdReading, StoreReading } from './reading.ts'
import { parseConfig } from './text/parse-config.ts'

type Facts = { readonly [K in keyof DatastoreFacts]: Fact<DatastoreFacts[K]> }

interface Chosen {
  readonly reading: EtcdReading
  readonly api: EtcdApi
  readonly store: StoreReading | null
  readonly other: StoreReading | null
}

const USERS: Readonly<Record<EtcdApi, string>> = {
  v2: 'flanneld up to v0.17.0 reads v2',
  v3: 'flanneld from v0.18.0 reads v3',
}

function otherApi(api: EtcdApi): EtcdApi {
  return api === 'v2' ? 'v3' : 'v2'
}

/** A word of a command that a person pastes. */
function shellWord(text: string): string {
  return posixQuote(printable(text))
}

/** The command with which a person sees the same keys. */
function command({ reading, api }: Chosen): string {
  const url = reading.endpoints.find((endpoint) => endpoint.reachable)?.url ?? reading.endpoints[0]?.url ?? ''
  return api === 'v2'
    ? `curl ${shellWord(`${url}/v2/keys${reading.prefix}?recursive=true`)}`
    : `ETCDCTL_API=3 etcdctl --endpoints=${shellWord(url)} get --prefix ${shellWord(`${reading.prefix}/`)}`
}

const NO_ENDPOINTS =
  'no etcd to ask: flanneld keeps its leases in Kubernetes (-kube-subnet-mgr); name an etcd with --etcd'

const NONE_SAVED = 'nothing of etcd is in the saved state'

function noEndpoint({ endpoints, prefix }: EtcdReading): { why: Absence; detail: string } {
  // Whoever asks an etcd has a prefix.
  if (endpoints.length === 0) return { why: 'missing', detail: prefix === '' ? NONE_SAVED : NO_ENDPOINTS }
  const said = endpoints.map(
    (endpoint) => `${printable(endpoint.url)}: ${printable(endpoint.problem ?? 'no answer')}`,
  )
  const [first] = endpoints
  const same = endpoints.every((endpoint) => endpoint.why === first?.why)
  return {
    why: (same ? first?.why : undefined) ?? 'unreachable',
    detail: `no etcd endpoint answered: ${said.join('; ')}`,
  }
}

/** The entries as the command prints them: etcdctl key and value in lines of their own, the v2 API as JSON. */
function printed({ api, store }: Chosen): string {
  const entries = store?.entries ?? []
  return entries
    .map(({ key, value }) =>
      api === 'v3' ? `${key}\n${value}` : `"key":${JSON.stringify(key)},"value":${JSON.stringify(value)}`,
    )
    .join('\n')
}

/** What to say about the store that was not chosen, when the chosen one has no configuration. */
function aboutOther({ api, other }: Chosen): string {
  const name = otherApi(api)
  if (other === null) return ''
  if (other.problem?.off) return `; the ${name} API is switched off`
  if (other.problem !== undefined) return `; the ${name} store could not be read: ${other.problem.detail}`
  return `; the ${name} store has none either`
}

function configMissing(chosen: Chosen): string {
  const { reading, api, other } = chosen
  const key = printable(`${reading.prefix}/config`)
  const name = otherApi(api)
  if (other?.present) {
    return `no key ${key} in the etcd ${api} store, but the ${name} store has it; the two are separate: ${USERS.v2}, ${USERS.v3}`
  }
  return `no key ${key} in the etcd ${api} store${aboutOther(chosen)}; nothing outside the prefix was read: check -etcd-prefix`
}

const A_DIRECTORY =
  'a directory of the etcd v2 store, which flanneld reads as an empty value; etcd takes a value there once it is removed'

function configEntry({ reading, store }: Chosen): EtcdEntry | undefined {
  return store?.entries.find(({ key }) => key === `${reading.prefix}/config`)
}

function configFact(chosen: Chosen, from: Source): Fact<DatastoreFacts['config']> {
  const entry = configEntry(chosen)
  if (entry === undefined) return { known: false, why: 'missing', detail: configMissing(chosen), from }
  if (entry.directory === true)
    return { known: false, why: 'unparsable', detail: `${printable(entry.key)}: ${A_DIRECTORY}`, from }
  const parsed = parseConfig(entry.value)
  if ('value' in parsed) return { known: true, value: { ...parsed.value, revision: entry.revision }, from }
  if ('aside' in parsed) return { known: false, why: 'not-applicable', detail: parsed.aside, from }
  return { known: false, why: 'unparsable', detail: `${printable(entry.key)}: ${parsed.problem}`, from }
}

function leasesFact({ reading, store }: Chosen, from: Source): Fact<DatastoreFacts['leases']> {
  const entries = (store?.entries ?? []).filter((entry) => entry.key !== `${reading.prefix}/config`)
  return { known: true, value: parseLeases(entries), from }
}

function etcdStatus(chosen: Chosen): EtcdStatus {
  const { reading, api, store, other } = chosen
  return {
    endpoints: reading.endpoints.map(({ why: _, ...endpoint }) => endpoint),
    ...present({ via: reading.via }),
    prefix: reading.prefix,
    api,
    otherApiHasConfig: other?.present === true,
    ...present({ otherApiOff: other?.problem?.off, configIsDirectory: configEntry(chosen)?.directory }),
    revision: store?.revision ?? 0,
  }
}

/** What the hosts' flanneld say that decides how their datastore is read. */
export interface HostWords extends FlanneldWords {
  /** The etcd API they speak; it decides only when the API was left to us and both stores hold a configuration. */
  readonly api?: EtcdApi
}

/** The facts of a reading. Never throws. */
export function datastoreFacts(reading: DatastoreReading, words: HostWords = {}): Facts {
  if (isKubernetes(reading)) return kubernetesFacts(reading, words)
  const facts = etcdFacts(reading, words.api)
  const { from } = facts.config
  const detail = 'flannel keeps its leases in etcd, not in Kubernetes'
  return { ...facts, kubernetes: { known: false, why: 'not-applicable', detail, from } }
}

function etcdFacts(reading: EtcdReading, preferred?: EtcdApi): Omit<Facts, 'kubernetes'> {
  const api = chooseApi(reading, preferred)
  const chosen: Chosen = { reading, api, store: reading[api], other: reading[otherApi(api)] }
  const from: Source = { host: '', section: 'datastore', command: command(chosen) }
  if (!reading.endpoints.some((endpoint) => endpoint.reachable)) {
    const absent = { known: false, ...noEndpoint(reading), from } as const
    return { etcd: absent, config: absent, leases: absent }
  }
  const etcd = { known: true, value: etcdStatus(chosen), from } as const
  const problem = chosen.store?.problem
  if (problem !== undefined) {
    const aside = chosen.other?.present
      ? `; the ${otherApi(api)} store has ${printable(`${reading.prefix}/config`)}`
      : ''
    const absent = { known: false, why: problem.why, detail: `${problem.detail}${aside}`, from } as const
    return { etcd, config: absent, leases: absent }
  }
  const raw = () => printed(chosen)
  return { etcd, config: { ...configFact(chosen, from), raw }, leases: { ...leasesFact(chosen, from), raw } }
}
