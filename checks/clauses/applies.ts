/** Whether a clause is about a host: its range of versions and its backends. */

import { flanneldFor } from '../expected/flanneld-options.ts'
import { compareVersions } from '../expected/generation.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { Backend } from '../model/network-config.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { type Clause, LEASES_IN, type LeaseStore } from './clause.ts'

/** What is running: decides which clauses are about it. */
export interface Running {
  /** Absent when the configuration could not be read. */
  readonly backend?: Backend
  /** Absent when neither etcd nor the API of Kubernetes could be read. */
  readonly leases?: LeaseStore
  /** flanneld by host, as its binary says; undefined where it says nothing. */
  readonly versions: ReadonlyMap<HostName, string | undefined>
}

/** `unknown`: the clause names versions, backends or where leases are, and those of the host are not known. */
export type Applies = 'yes' | 'no' | 'unknown'

/** True when the clause is limited to some versions. */
export function hasRange({ since, until }: Clause): boolean {
  return since !== undefined || until !== undefined
}

function ofVersion({ since, until }: Clause, version: string | undefined): Applies {
  if (since === undefined && until === undefined) return 'yes'
  if (version === undefined) return 'unknown'
  const fromSince = since === undefined ? 0 : compareVersions(version, since)
  const beforeUntil = until === undefined ? -1 : compareVersions(version, until)
  if (fromSince === undefined || beforeUntil === undefined) return 'unknown'
  return fromSince >= 0 && beforeUntil < 0 ? 'yes' : 'no'
}

function oneOf<T>(wanted: readonly T[] | undefined, actual: T | undefined): Applies {
  if (wanted === undefined) return 'yes'
  if (actual === undefined) return 'unknown'
  return wanted.includes(actual) ? 'yes' : 'no'
}

const ofBackend = ({ backends }: Clause, backend: Backend | undefined): Applies => oneOf(backends, backend)

const ofLeases = ({ leases }: Clause, actual: LeaseStore | undefined): Applies =>
  oneOf(leases && [leases], actual)

/** Whether the clause is about a flanneld of that version in that network. */
export function applies(
  clause: Clause,
  version: string | undefined,
  { backend, leases }: Pick<Running, 'backend' | 'leases'>,
): Applies {
  const all = [ofVersion(clause, version), ofBackend(clause, backend), ofLeases(clause, leases)]
  if (all.includes('no')) return 'no'
  return all.includes('unknown') ? 'unknown' : 'yes'
}

function storeOf({ etcd, kubernetes }: ClusterSnapshot['datastore']): LeaseStore | undefined {
  if (kubernetes.known) return 'kubernetes'
  return etcd.known ? 'etcd' : undefined
}

/**
 * Backend of the configuration and version of every host. A host whose flanneld does not say its
 * version is taken to be of the version of the others when they all say the same.
 */
export function runningOf({ datastore, hosts }: ClusterSnapshot): Running {
  const prefix = knownValue(datastore.etcd)?.prefix
  const said = new Map(
    [...hosts.values()].map(({ host, facts }) => [
      host,
      facts.flanneld.known ? flanneldFor(facts.flanneld.value, prefix)?.version : undefined,
    ]),
  )
  const [common, ...others] = new Set([...said.values()].filter((version) => version !== undefined))
  const assumed = others.length === 0 ? common : undefined
  return {
    ...present({ backend: knownValue(datastore.config)?.backend, leases: storeOf(datastore) }),
    versions: new Map([...said].map(([host, version]) => [host, version ?? assumed])),
  }
}

/** Why a clause is not about this network. */
export function whyNot(clause: Clause, { backend, leases, versions }: Running): string {
  if (ofBackend(clause, backend) === 'no') return `about backend ${clause.backends?.join(', ')}`
  if (clause.leases && ofLeases(clause, leases) === 'no') return `about leases in ${LEASES_IN[clause.leases]}`
  const from = clause.since === undefined ? 'the first version' : clause.since
  const to = clause.until === undefined ? 'today' : `before ${clause.until}`
  const running = [...new Set(versions.values())].map((version) => version ?? 'of unknown version')
  return `about flannel from ${from} to ${to}; running is ${running.join(', ') || 'none'}`
}
