// flanneld asks for PREFIX/config at its start and repeats the question every second forever while the
// key is missing or cannot be used ("Couldn't fetch network config", `main.go`; `pkg/subnet/config.go`,
// `ParseConfig`). No link, no lease and no subnet.env appear meanwhile. One that runs already never looks
// again, so that a removed key shows at the next restart.
import { defineClusterCheck } from '../define.ts'
import { complaintsOf } from '../expected/flanneld-complaints.ts'
import { flanneldFor, flanneldOptions, isSamePrefix } from '../expected/flanneld-options.ts'
import { writeRunningConfig } from '../heal/config-edit.ts'
import { samePrefix } from '../model/address.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { EtcdStatus } from '../model/etcd-member.ts'
import type { ClusterSnapshot, Fact, HostName, HostSnapshot } from '../model/snapshot.ts'

/** A flanneld that waits asks again every second. */
const ASKS_SECONDS = 30

const NOTHING_THERE = [
  'lease/own:missing',
  'subnet-env/file:missing',
  'link/flannel:missing',
  'bridge/docker-options:bip-differs',
  'daemon/process:not-running',
  'daemon/log:config-missing',
  'daemon/log:config-refused',
  'daemon/log:lease-lost',
].map((code) => ({ code, when: 'anywhere' }) as const)

/** True when the host's flanneld takes its configuration from the key that was read. */
function reads(flanneld: Flanneld, etcd: EtcdStatus): boolean {
  const process = flanneldFor(flanneld, etcd.prefix)
  if (process === undefined) return false
  const { kubeSubnetMgr, networks, etcdPrefix } = flanneldOptions(process)
  return !kubeSubnetMgr && networks === undefined && isSamePrefix(etcdPrefix, etcd.prefix, etcd.api)
}

/** What a host does about the key: its flanneld asks for it, runs on without it, has ended and will ask, or has no use for it. */
type State = 'waits' | 'runs' | 'ended' | 'other'

type Facts = HostSnapshot['facts']

/** flanneld has been at work here, or is meant to be. */
function hasTrace({ subnetEnv, flanneldLog, links, services }: Facts): boolean {
  return (
    subnetEnv.known ||
    (flanneldLog.known && flanneldLog.value.tails.length > 0) ||
    (links.known && links.value.some(({ name }) => name.startsWith('flannel'))) ||
    (services.known && services.value.get('flanneld.service')?.loadState === 'loaded')
  )
}

/** Whether a running flanneld asks for the key: it says so, or has written no subnet.env yet. */
function waits({ subnetEnv, flanneldLog, flanneld }: Facts): boolean | undefined {
  const pids = flanneld.known ? flanneld.value.processes.map(({ pid }) => pid) : []
  const said = flanneldLog.known ? complaintsOf(flanneldLog.value, pids) : []
  const asks = said.filter(
    ({ complaint }) => complaint === 'config-missing' || complaint === 'config-refused',
  )
  if (asks.some(({ line }) => (line.ageSeconds ?? Number.POSITIVE_INFINITY) <= ASKS_SECONDS)) return true
  return subnetEnv.known ? false : subnetEnv.why === 'missing' ? true : undefined
}

function stateOf(facts: Facts, etcd: EtcdStatus): State | undefined {
  if (!facts.flanneld.known) return undefined
  if (facts.flanneld.value.processes.length === 0) return hasTrace(facts) ? 'ended' : 'other'
  if (!reads(facts.flanneld.value, etcd)) return 'other'
  const isWaiting = waits(facts)
  return isWaiting === undefined ? undefined : isWaiting ? 'waits' : 'runs'
}

/** Hosts by what they do about the key. */
function hostsByState(snapshot: ClusterSnapshot, etcd: EtcdStatus) {
  const found = [...snapshot.hosts].map(([host, { facts }]) => [host, stateOf(facts, etcd)] as const)
  const those = (...states: (State | undefined)[]): string =>
    found.flatMap(([host, state]) => (states.includes(state) ? [host] : [])).join(', ')
  return {
    stuck: those('waits', 'ended'),
    state: those('waits') === '' ? 'cannot start without' : 'waits for',
    running: those('runs'),
    unclear: those(undefined),
  }
}

/** What a host that is stuck loses: its packets, unless routes of an earlier flanneld are left on every one. */
function effectOn(snapshot: ClusterSnapshot, stuck: string): 'loss' | 'risk' {
  return stuck.split(', ').every((host) => keepsRoutes(snapshot, host)) ? 'risk' : 'loss'
}

/** True where routes to the leases of others have outlived an earlier flanneld: packets still pass. */
function keepsRoutes({ datastore: { leases }, hosts }: ClusterSnapshot, host: HostName): boolean {
  const routes = hosts.get(host)?.facts.routes
  if (!leases.known || !routes?.known) return false
  return routes.value.some(
    ({ gateway, destination }) =>
      gateway !== undefined && leases.value.leases.some(({ subnet }) => samePrefix(subnet, destination)),
  )
}

/** The key, with what stands in it where it is there. */
function told({ why, detail, from }: Exclude<Fact<never>, { known: true }>, prefix: string) {
  const key = `${prefix}/config`
  const evidence = [{ source: from, excerpt: detail, derived: true as const }]
  return { object: key, observed: detail, ...(why === 'missing' ? { evidence } : { prints: [key] }) }
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
      says: 'flanneld on {hosts} {state} {object}, which is not in etcd: {observed}',
      fix: 'Write the configuration to {object} through the {api} API, or correct -etcd-prefix; a restart helps only then. A flanneld that waits goes on by itself; restart Docker after it.',
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
      says: 'flanneld on {hosts} {state} {object}, and what is there is refused: {observed}',
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
  *evaluate({ facts: { etcd }, cluster: { snapshot } }) {
    const { config } = snapshot.datastore
    if (config.known) return
    const isGone = config.why === 'missing'
    // Which of two stores is wrong is for datastore/api to say.
    if (etcd.otherApiHasConfig || (!isGone && config.why !== 'unparsable'))
      return yield { unsure: `config ${config.why}: ${config.detail}` }
    const { stuck, state, running, unclear } = hostsByState(snapshot, etcd)
    const { heal, data } = writeRunningConfig(snapshot)
    const place = { ...told(config, etcd.prefix), heal }
    if (stuck !== '') {
      const effect = effectOn(snapshot, stuck)
      yield {
        code: isGone ? 'missing' : 'refused',
        ...place,
        effect,
        data: { ...data, api: etcd.api, hosts: stuck, state },
      }
    } else if (running !== '') {
      yield { code: isGone ? 'removed' : 'damaged', ...place, data: { ...data, hosts: running } }
    } else if (unclear !== '') yield { unsure: `the configuration cannot be used: ${config.detail}` }
  },
})
