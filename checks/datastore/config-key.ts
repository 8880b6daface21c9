// flanneld asks for PREFIX/config at its start and repeats the question every second for ever while the
// key is missing or cannot be used ("Couldn't fetch network config", `main.go`; `pkg/subnet/config.go`,
// `ParseConfig`). No link, no lease and no subnet.env appear meanwhile. One that runs already never looks
// again, so that a removed key shows at the next restart.
import { defineHostCheck } from '../define.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { EtcdStatus } from '../model/etcd-member.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

const NOTHING_THERE = [
  'lease/own:missing',
  'subnet-env/file:missing',
  'link/flannel:missing',
  'bridge/docker-options:bip-differs',
].map((code) => ({ code, when: 'same-host' }) as const)

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

export const check = defineHostCheck({
  id: 'datastore/config-key',
  title: 'Key of the network configuration',
  backends: 'any',
  needs: ['etcd', 'flanneld'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'critical',
      confidence: 'certain',
      says: 'flanneld on {host} waits for {object}, which is not in etcd: {observed}',
      fix: 'Write the configuration to {object} through the {api} API, or correct -etcd-prefix; flanneld goes on by itself, Docker must then be restarted.',
      explains: NOTHING_THERE,
    },
    removed: {
      severity: 'warning',
      confidence: 'certain',
      says: '{object} is no longer in etcd ({observed}): flanneld on {host} runs on, but will not come up again',
      fix: 'Write the configuration back; FLANNEL_NETWORK in subnet.env of any host says what Network was.',
    },
    refused: {
      severity: 'critical',
      confidence: 'certain',
      says: 'flanneld on {host} waits: {object} is refused: {observed}',
      fix: 'Write a correct configuration to {object} (mind the shell quotes around the JSON); flanneld goes on by itself, Docker must then be restarted.',
      explains: NOTHING_THERE,
    },
    damaged: {
      severity: 'warning',
      confidence: 'certain',
      says: '{object} cannot be used any more ({observed}): flanneld on {host} runs on, but will not come up again',
      fix: 'Write a correct configuration to {object} before any flanneld restarts.',
    },
  },
  *evaluate({ host, facts: { etcd, flanneld }, cluster: { snapshot } }) {
    const { config } = snapshot.datastore
    if (config.known || !reads(flanneld, etcd)) return
    const isGone = config.why === 'missing'
    if (!isGone && config.why !== 'unparsable')
      return yield { unsure: `config ${config.why}: ${config.detail}` }
    const waiting = waits(snapshot, host)
    if (waiting === undefined) return yield { unsure: `the configuration cannot be used: ${config.detail}` }
    const code = isGone ? (waiting ? 'missing' : 'removed') : waiting ? 'refused' : 'damaged'
    const evidence = [{ source: config.from, excerpt: config.detail }]
    const object = `${etcd.prefix}/config`
    yield { code, object, observed: config.detail, data: { api: etcd.api }, evidence }
  },
})
