// flanneld up to v0.17.0 reads etcd through the v2 API, from v0.18.0 through the v3 API
// (`subnet/etcdv2/registry.go` before, `pkg/subnet/etcd/registry.go` since). etcd keeps the two
// stores apart: a configuration written through one does not exist for the other.
import type { Draft, Unsure } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { etcdApiOf } from '../expected/generation.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { EtcdStatus } from '../model/etcd-member.ts'
import type { EtcdApi } from '../model/network-config.ts'
import type { ClusterView } from '../view.ts'

/** The API that the flanneld of this network speaks; undefined when it is unknown or reads Kubernetes instead. */
function spokenApi(flanneld: Flanneld, prefix: string): { api: EtcdApi; version: string } | undefined {
  const process = flanneldFor(flanneld, prefix)
  if (process?.version === undefined || flanneldOptions(process).kubeSubnetMgr) return undefined
  const api = etcdApiOf(process.version)
  return api && { api, version: process.version }
}

/** Nothing can be written through an API that is not served. */
const V2_IS_OFF = {
  fix: 'Take flannel v0.18.0 or later on {host}, which reads v3; or start etcd (up to 3.5) with --enable-v2=true and write the configuration through the v2 API.',
  heal: [],
}

function remedyFor({ otherApiOff }: EtcdStatus, wanted: EtcdApi): Partial<typeof V2_IS_OFF> {
  return otherApiOff && wanted === 'v2' ? V2_IS_OFF : {}
}

export const check = defineClusterCheck({
  id: 'datastore/api',
  title: 'etcd API that holds the configuration',
  backends: 'any',
  needs: ['etcd', 'flanneld'],
  findings: {
    'wrong-api': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'flanneld {version} on {host} reads the etcd {expected} store, but {key} exists only in the {observed} store',
      fix: 'Write the configuration through the {expected} API (`ETCDCTL_API={number}`) or run a flanneld that reads {observed}: v2 up to v0.17.0, v3 from v0.18.0.',
      heal: [
        {
          on: 'datastore',
          etcd: 'copy',
          key: '{key}',
          from: 'observed',
          api: 'expected',
          effect: 'the store that flanneld reads has the configuration too',
        },
      ],
      explains: [
        { code: 'lease/own:missing', when: 'same-host' },
        { code: 'daemon/log:config-missing', when: 'same-host' },
        { code: 'daemon/log:etcd-without-v2', when: 'same-host' },
        { code: 'lease/peer:*', when: 'same-host' },
        { code: 'subnet-env/file:missing', when: 'same-host' },
        { code: 'subnet-env/network:differs-from-config', when: 'same-host' },
        { code: 'link/flannel:missing', when: 'same-host' },
        { code: 'datastore/config-key:*', when: 'anywhere' },
      ],
    },
    'both-hold-config': {
      severity: 'info',
      confidence: 'certain',
      says: 'both etcd stores hold {key}; this report judges the {observed} store',
      fix: 'Delete the one that no flanneld reads, so that nobody edits the wrong one; give --etcd-api to choose which is judged.',
    },
  },
  *evaluate({ facts: { etcd }, hosts, cluster: { snapshot } }) {
    const key = `${etcd.prefix}/config`
    const place = { object: key, observed: etcd.api }
    const { config } = snapshot.datastore
    if (!config.known) {
      if (etcd.otherApiHasConfig && config.why === 'missing') yield* inOtherStore(etcd, hosts)
      else yield { unsure: `config ${config.why}: ${config.detail}` }
      return
    }
    if (etcd.otherApiHasConfig) yield { code: 'both-hold-config', ...place, data: { key } }
    for (const [host, { facts }] of hosts) {
      const spoken = spokenApi(facts.flanneld, etcd.prefix)
      if (spoken === undefined || spoken.api === etcd.api) continue
      if (etcd.otherApiHasConfig) {
        yield {
          unsure: `${host}: flanneld ${spoken.version} reads the ${spoken.api} store, this report the ${etcd.api} store`,
        }
        continue
      }
      const data = { key, version: spoken.version, number: spoken.api.slice(1) }
      yield { code: 'wrong-api', host, ...place, expected: spoken.api, data, ...remedyFor(etcd, spoken.api) }
    }
  },
})

/** The store that was read has no configuration, the other one has: wrong for every flanneld that reads the first. */
function* inOtherStore(
  { prefix, api }: EtcdStatus,
  hosts: ClusterView<'etcd' | 'flanneld'>['hosts'],
): Iterable<Draft<'wrong-api' | 'both-hold-config'> | Unsure> {
  const key = `${prefix}/config`
  const observed: EtcdApi = api === 'v2' ? 'v3' : 'v2'
  for (const [host, { facts }] of hosts) {
    const spoken = spokenApi(facts.flanneld, prefix)
    if (spoken?.api === api) {
      const data = { key, version: spoken.version, number: api.slice(1) }
      yield { code: 'wrong-api', host, object: key, expected: api, observed, data }
    } else yield { unsure: `${key} is in the ${observed} store, this report reads the ${api} store` }
  }
}
