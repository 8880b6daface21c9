/** Whether a clause is about a host: its range of versions and its backends. */

import { flanneldFor } from '../expected/flanneld-options.ts'
import { compareVersions } from '../expected/generation.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { Backend } from '../model/network-config.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import type { Clause } from './clause.ts'

/** What is running: decides which clauses are about it. */
export interface Running {
  /** Absent when the configuration could not be read. */
  readonly backend?: Backend
  /** flanneld by host, as its binary says; undefined where it says nothing. */
  readonly versions: ReadonlyMap<HostName, string | undefined>
}

/** `unknown`: the clause names versions or backends, and those of the host are not known. */
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

function ofBackend({ backends }: Clause, backend: Backend | undefined): Applies {
  if (backends === undefined) return 'yes'
  if (!backend) return 'unknown'
  return backends.includes(backend) ? 'yes' : 'no'
}

/** Whether the clause is about a flanneld of that version with that backend. */
export function applies(
  clause: Clause,
  { version, backend }: { readonly version: string | undefined; readonly backend: Backend | undefined },
): Applies {
  const both = [ofVersion(clause, version), ofBackend(clause, backend)]
  if (both.includes('no')) return 'no'
  return both.includes('unknown') ? 'unknown' : 'yes'
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
    ...(datastore.config.known && { backend: datastore.config.value.backend }),
    versions: new Map([...said].map(([host, version]) => [host, version ?? assumed])),
  }
}

/** Why a clause is not about this network. */
export function whyNot(clause: Clause, { backend, versions }: Running): string {
  if (ofBackend(clause, backend) === 'no') return `about backend ${clause.backends?.join(', ')}`
  const from = clause.since === undefined ? 'the first version' : clause.since
  const to = clause.until === undefined ? 'today' : `before ${clause.until}`
  const running = [...new Set(versions.values())].map((version) => version ?? 'of unknown version')
  return `about flannel from ${from} to ${to}; running is ${running.join(', ') || 'none'}`
}
