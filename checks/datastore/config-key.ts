// flanneld asks for PREFIX/config at its start and repeats the question every second for ever while the
// key is missing or cannot be used ("Couldn't fetch network config", `main.go`; `pkg/subnet/config.go`,
// `ParseConfig`). No link, no lease and no subnet.env appear meanwhile. One that runs already never looks
// again, so that a removed key shows at the next restart.
import { defineClusterCheck } from '../define.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { EtcdStatus } from '../model/etcd-member.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

const NOTHING_THERE = [
  'lease/own:missing',
  'subnet-env/file:missing',
  'link/flannel:missing',
  'bridge/docker-options:bip-differs',
].map((code) => ({ code, when: 'anywhere' }) as const)

function normal(prefix: string): string {
  return prefix.split('/').filter(Boolean).join('/')
}

/** True when the host's flanneld takes its configuration from the key that was read. */
function reads(flanneld: Flanneld, etcd: EtcdStatus): boolean {
  const process = flanneldFor(flanneld, etcd.prefix)
  if (process === undefined) return false
  const { kubeSubnetMgr, networks, etcdPrefix } = flanneldOptions(process)
  return !kubeSubnetMgr && networks === undefined && normal(etcdPrefix) === normal(etcd.prefix)
}

/** Whether flanneld waits: it has written no subnet.env yet. Undefined when that cannot be told. */
function waits(snapshot: ClusterSnapshot, host: HostName): boolean | undefined {
  const fact = snapshot.hosts.get(host)?.facts.subnetEnv
  if (fact === undefined) return undefined
  return fact.known ? false : fact.why === 'missing' ? true : undefined
}

type Waiting = ReadonlyMap<HostName, boolean | undefined>

function hostsThat(waiting: Waiting, wanted: boolean): string | undefined {
  const names = [...waiting].filter(([, waits]) => waits === wanted).map(([host]) => host)
  return names.length === 0 ? undefined : names.join(', ')
}

export const check = defineClusterCheck({
  id: 'datastore/config-key',
  title: 'Key of the network configuration',
  backends: 'any',
  needs: ['etcd', 'flanneld'],
  findings: {
    missing: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'flanneld on {hosts} waits for {object}, which is not in etcd: {observed}',
      fix: 'Write the configuration to {object} through the {api} API, or correct -etcd-prefix; flanneld goes on by itself, Docker must then be restarted.',
      explains: NOTHING_THERE,
    },
    removed: {
      severity: 'warning',
      confidence: 'certain',
      says: '{object} is no longer in etcd ({observed}): flanneld on {hosts} runs on, but will not come up again',
      fix: 'Write the configuration back; FLANNEL_NETWORK in subnet.env of any host says what Network was.',
    },
    refused: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'flanneld on {hosts} waits: {object} is refused: {observed}',
      fix: 'Write a correct configuration to {object} (mind the shell quotes around the JSON); flanneld goes on by itself, Docker must then be restarted.',
      explains: NOTHING_THERE,
    },
    damaged: {
      severity: 'warning',
      confidence: 'certain',
      says: '{object} cannot be used any more ({observed}): flanneld on {hosts} runs on, but will not come up again',
      fix: 'Write a correct configuration to {object} before any flanneld restarts.',
    },
  },
  *evaluate({ facts: { etcd }, hosts, cluster: { snapshot } }) {
    const { config } = snapshot.datastore
    const readers = [...hosts].filter(([, { facts }]) => reads(facts.flanneld, etcd)).map(([host]) => host)
    if (config.known || readers.length === 0) return
    if (etcd.otherApiHasConfig) return yield { unsure: config.detail } // which store is wrong: datastore/api
    const isGone = config.why === 'missing'
    if (!isGone && config.why !== 'unparsable')
      return yield { unsure: `config ${config.why}: ${config.detail}` }
    const waiting: Waiting = new Map(readers.map((host) => [host, waits(snapshot, host)]))
    const [stuck, running] = [hostsThat(waiting, true), hostsThat(waiting, false)]
    const evidence = [{ source: config.from, excerpt: config.detail }]
    const place = { object: `${etcd.prefix}/config`, observed: config.detail, evidence }
    if (stuck !== undefined) {
      yield { code: isGone ? 'missing' : 'refused', ...place, data: { api: etcd.api, hosts: stuck } }
    } else if (running !== undefined) {
      yield { code: isGone ? 'removed' : 'damaged', ...place, data: { hosts: running } }
    } else yield { unsure: `the configuration cannot be used: ${config.detail}` }
  },
})
