// flanneld says on standard error why it cannot go on (klog, before v0.14.0 glog): it waits for etcd and the
// configuration and asks again every second, and ends where link, lease or backend cannot be had (`main.go`).
// Nothing else on the host tells these apart. What the words mean is in expected/flanneld-words.ts.
import type { Evidence } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { type Complaining, complaintsOf, logCommand } from '../expected/flanneld-complaints.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import type { Complaint } from '../expected/flanneld-words.ts'
import { knownValue } from '../expected/observed-host.ts'
import { writeRunningConfig } from '../heal/config-edit.ts'
import { endpointsOfOthers } from '../heal/endpoints-of-others.ts'
import { type Deletion, orphanDeletion } from '../heal/orphan-lease.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { containsAddress, parseAddress } from '../model/address.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { FlanneldLog, LogLine } from '../model/flanneld-log.ts'
import type { LeaseTable } from '../model/lease.ts'
import type { Backend, NetworkConfig } from '../model/network-config.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, Fact, HostName, HostSnapshot, Source } from '../model/snapshot.ts'
import { DEGRADING, LOG_FINDINGS, type LogCode } from './log-findings.ts'

/** A flanneld that waits for something asks again every second, for a renewal every minute. */
const CURRENT_SECONDS = 90
const LONGEST_QUOTE = 240

/** The program that has the port which flanneld wants, if it is known. */
function holderOf({ text }: LogLine, { holders = [] }: FlanneldLog, config: Fact<NetworkConfig>): string {
  const [, named] = /:(\d+): bind: address already in use/.exec(text) ?? []
  const own = config.known ? config.value.port : undefined
  const port = named === undefined ? own : Number(named)
  const holder = holders.find((one) => one.port === port)
  return holder === undefined ? 'another program' : `${holder.program} (process ${holder.pid})`
}

/** The module of each backend's link (Linux `drivers/net`). */
const MODULES: Readonly<Partial<Record<Backend, string>>> = {
  vxlan: 'vxlan',
  udp: 'tun',
  ipip: 'ipip',
  wireguard: 'wireguard',
}

/** What the commands that heal are filled with. */
function healValues({ datastore: { config, etcd } }: ClusterSnapshot, flanneld: Flanneld) {
  const process = flanneldFor(flanneld, etcd.known ? etcd.value.prefix : undefined)
  const [module, file] = [
    config.known ? MODULES[config.value.backend] : undefined,
    process && flanneldOptions(process).subnetFile,
  ]
  return {
    ...present({ module, pid: process?.pid }),
    ...(file !== undefined && { directory: file.replace(/\/[^/]*$/, '') }),
    ...(etcd.known && { revision: etcd.value.revision }),
  }
}

function hasUnit(host: HostSnapshot | undefined): boolean {
  const services = host && knownValue(host.facts.services)
  return services?.get('flanneld.service')?.loadState === 'loaded'
}

const deletions = new WeakMap<ClusterSnapshot, Deletion>()

/** The same for every host that found no subnet: leases and hosts are compared once. */
function deletionIn(snapshot: ClusterSnapshot, { leases }: LeaseTable): Deletion {
  const deletion = deletions.get(snapshot) ?? orphanDeletion(leases, snapshot)
  deletions.set(snapshot, deletion)
  return deletion
}

type Heal = (snapshot: ClusterSnapshot, host: HostName) => Partial<Deletion>

function runningConfig(snapshot: ClusterSnapshot): Partial<Deletion> {
  return snapshot.datastore.config.known ? {} : writeRunningConfig(snapshot)
}

/** As its log says it ran before; a unit would give it the same flags again. */
function withoutNewFlags({ hosts }: ClusterSnapshot, host: HostName): Partial<Deletion> {
  return hasUnit(hosts.get(host)) ? {} : { heal: [RESTART_FLANNELD] }
}

function askEtcd({ datastore: { etcd } }: ClusterSnapshot): Partial<Deletion> {
  return etcd.known
    ? { heal: [{ on: 'host', restart: 'flanneld', options: ['-kube-subnet-mgr=false'] }] }
    : {}
}

function freeSubnets(snapshot: ClusterSnapshot): Partial<Deletion> {
  const { leases } = snapshot.datastore
  if (!leases.known) return {}
  const { heal, data } = deletionIn(snapshot, leases.value)
  return { heal: [...heal, RESTART_FLANNELD], data }
}

/** Steps that depend on what is in etcd: a configuration that others still run, subnets that no host has. */
const HEALS: Readonly<Partial<Record<LogCode, Heal>>> = {
  'config-missing': runningConfig,
  'config-refused': runningConfig,
  'flag-unknown': withoutNewFlags,
  'kube-not-configured': askEtcd,
  'etcd-unreachable': endpointsOfOthers,
  'etcd-name-unknown': endpointsOfOthers,
  'out-of-subnets': freeSubnets,
}

/** Said by a flanneld that has ended, or of late; and not of a lease that is gone. */
function isCurrent(
  { complaint, line }: Complaining,
  pids: readonly number[],
  leases: LeaseTable | undefined,
): boolean {
  const isRecent = pids.length === 0 || (line.ageSeconds ?? 0) <= CURRENT_SECONDS
  return isRecent && !(complaint === 'entries-not-written' && isOfTheGone(line.text, leases))
}

/** What it goes on without while it runs keeps it from coming up where it ended before it was up. */
function codeOf({ complaint, isStarting }: Complaining, pids: readonly number[]): LogCode {
  if (complaint === 'unknown') return isStarting === true ? 'not-up' : 'complains'
  return isStarting === true && pids.length === 0 && DEGRADING.has(complaint) ? 'not-up' : complaint
}

/** What keeps it from coming up is mended as where it goes on without. */
function ownFix(code: LogCode, complaint: Complaint): { readonly fix?: string } {
  return code === 'not-up' && complaint !== 'unknown' ? { fix: LOG_FINDINGS[complaint].fix } : {}
}

function evidenceOf({ line, tail }: Complaining, from: Source): readonly Evidence[] {
  return [{ source: { ...from, command: logCommand(tail) }, excerpt: line.raw }]
}

const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g

/** It names addresses, and none of them is of a lease that is still there: what could not be written is not wanted any more. */
function isOfTheGone(text: string, leases: LeaseTable | undefined): boolean {
  if (leases === undefined) return false
  const named = (text.match(ADDRESS) ?? []).flatMap((word) => parseAddress(word) ?? [])
  const isLeased = (address: number) =>
    leases.leases.some(({ subnet, publicIp }) => publicIp === address || containsAddress(subnet, address))
  return named.length > 0 && !named.some(isLeased)
}

export const check = defineHostCheck({
  id: 'daemon/log',
  title: "flanneld's own words",
  stage: 'trial',
  backends: 'any',
  needs: ['flanneldLog', 'flanneld'],
  needsExpected: false,
  findings: LOG_FINDINGS,
  *evaluate({ host, facts: { flanneldLog, flanneld }, sources, cluster: { snapshot } }) {
    const pids = flanneld.processes.map(({ pid }) => pid)
    const complaints = complaintsOf(flanneldLog, pids)
    if (complaints.length === 0) return
    const leases = knownValue(snapshot.datastore.leases)
    const values = healValues(snapshot, flanneld)
    for (const complaining of complaints) {
      const { complaint, line, tail } = complaining
      const code = isCurrent(complaining, pids, leases) ? codeOf(complaining, pids) : 'complains'
      const { data: more, ...heal } = HEALS[code]?.(snapshot, host) ?? {}
      const quoted = { line: line.text.slice(0, LONGEST_QUOTE), command: logCommand(tail) }
      const holder = holderOf(line, flanneldLog, snapshot.datastore.config)
      const data = { ...values, holder, ...more, ...quoted }
      yield {
        code,
        ...heal,
        ...ownFix(code, complaint),
        object: 'flanneld',
        observed: line.text,
        data,
        evidence: evidenceOf(complaining, sources.flanneldLog),
      }
    }
  },
})
