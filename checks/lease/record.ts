// Anyone with access to etcd can write below PREFIX/subnets. A key that is no subnet, or a value that is
// no JSON with an IPv4 PublicIP, crashes flannel up to v0.7.1 at start and stops the watch of flannel up
// to v0.13.0 at a bad key (`subnet/etcdv2/local_manager.go`, `parseSubnetWatchResponse`). v0.14.0 to
// v0.21.2 log it and go on. Since the watch was rewritten in v0.21.3 such an event ends as a listing
// without leases (`pkg/subnet/etcd/registry.go`, `watchSubnets`; `pkg/lease/lease.go`, `reset`): the
// running flanneld removes every peer. A flanneld that starts later skips the record.

import type { Explains } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { isCarriedByFlanneld } from '../expected/backend.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { isSince } from '../expected/generation.ts'
import { type PeerTables, programmedPeers } from '../expected/programmed.ts'
import { damagedDeletion } from '../heal/orphan-lease.ts'
import { deleteKey, RESTART_FLANNELD_EVERYWHERE } from '../heal/steps.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { LeaseTable, UnreadableLease } from '../model/lease.ts'
import { isUp, type Link } from '../model/link.ts'
import { named } from '../model/named.ts'

function stumbles({ processes }: Flanneld): boolean {
  return processes.some(({ version }) => isSince(version, 'v0.14.0') === false)
}

/** True unless every flanneld of the host is known to be older than the rewritten watch. */
function drops({ processes }: Flanneld): boolean {
  return processes.some(({ version }) => isSince(version, 'v0.21.3') !== false)
}

const LOST_PEERS: readonly Explains[] = ['lease/peer:*', 'route/peer-subnet:*', 'neighbour/*', 'fdb/*'].map(
  (code): Explains => ({ code, when: 'anywhere' }),
)

type Observed = PeerTables & { readonly flanneld: Flanneld; readonly links: readonly Link[] }
type Hosts = ReadonlyMap<string, { readonly facts: Observed; readonly expected?: ExpectedHost }>

/** Records that a sentence names besides the first. */
const MOST_NAMED = 4
/** More are no slip, and nobody types so many commands. */
const MOST_DELETED = 20

/** Entries go with the link that carries them, whatever is in etcd. */
function hasLostLink({ link }: ExpectedHost, links: readonly Link[]): boolean {
  return link !== undefined && !links.some((one) => one.name === link.name && isUp(one))
}

/** Hosts that have lost whole peers and run a version that drops them after reading a bad record. */
function hostsWithoutPeers(hosts: Hosts): string[] {
  return [...hosts]
    .filter(([, { facts, expected }]) => {
      if (expected === undefined || !drops(facts.flanneld) || hasLostLink(expected, facts.links)) return false
      if (isCarriedByFlanneld(expected.config)) return false
      return programmedPeers(expected, facts, 1).without.length > 0
    })
    .map(([name]) => name)
}

/** Hosts whose flanneld keeps its peers in its own memory, where nobody sees that they are gone. */
function hostsThatForget(hosts: Hosts): string[] {
  const forgets = ({ processes }: Flanneld): boolean =>
    processes.some(({ version }) => isSince(version, 'v0.21.3') === true)
  return [...hosts]
    .filter(([, { facts, expected }]) => {
      return expected !== undefined && isCarriedByFlanneld(expected.config) && forgets(facts.flanneld)
    })
    .map(([name]) => name)
}

/** What is said and deleted of the records behind the first: the running flanneld would stumble over each of them again. */
function othersToo(others: readonly UnreadableLease[]) {
  const keys = others.map(({ key }) => key)
  const shown = `${keys.slice(0, MOST_NAMED).join(', ')}${keys.length > MOST_NAMED ? ', …' : ''}`
  const cannot = `; ${keys.length === 1 ? 'one more' : `${keys.length} more`} cannot be read: ${shown}`
  const deletions = keys.map((_, at) => deleteKey(`{key${at}}`, 'and this one'))
  const all = [deleteKey('{key}', 'the record is gone'), ...deletions, RESTART_FLANNELD_EVERYWHERE]
  return {
    ...(keys.length > 0 && { heal: keys.length > MOST_DELETED ? [] : all }),
    data: {
      others: keys.length === 0 ? '' : cannot,
      too: keys.length === 0 ? '' : ' and those of the other records',
      ...Object.fromEntries(keys.slice(0, MOST_DELETED).map((key, at) => [`key${at}`, key])),
    },
  }
}

function* doubts({ unreadable }: LeaseTable) {
  for (const { key, problem } of unreadable) yield { unsure: `record ${key} cannot be read: ${problem}` }
}

export const check = defineClusterCheck({
  id: 'lease/record',
  title: 'Records under subnets',
  backends: 'any',
  // A node that cannot be read is the matter of node/annotations.
  needs: ['etcd', 'leases', 'flanneld', 'links', 'routes', 'neighbours', 'fdb'],
  findings: {
    unreadable: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'record {key} cannot be read ({observed}): flanneld v0.21.3 and later removes all peers when it meets such a record{gone}{others}',
      fix: 'Delete the key {key}{too}, then restart flanneld on every host; find out who writes below the flannel prefix.',
      heal: [deleteKey('{key}', 'the record is gone'), RESTART_FLANNELD_EVERYWHERE],
      explains: LOST_PEERS,
    },
    damaged: {
      severity: 'warning',
      confidence: 'certain',
      says: 'record {key} cannot be read ({observed}): a flanneld that meets it leaves its subnet out, so hosts that start or program it from now on do not reach it',
      fix: 'Restart flanneld on the host that has this subnet, so that it writes its record anew; where no host has it, delete the key {key}.',
    },
    'blocks-watch': {
      severity: 'warning',
      confidence: 'likely',
      says: 'record {key} is no subnet ({observed}); flanneld up to v0.13.0 learns of no new lease after reading it',
      fix: 'Delete the key {key} and restart flanneld on {hosts}.',
      heal: [deleteKey('{key}', 'the record is gone'), RESTART_FLANNELD_EVERYWHERE],
      explains: [
        { code: 'lease/peer:*', when: 'anywhere' },
        { code: 'route/stale-subnet:stale', when: 'anywhere' },
      ],
    },
  },
  *evaluate({ facts: { leases }, hosts, cluster: { snapshot } }) {
    const [worst] = leases.unreadable
    if (worst === undefined) return
    const [lost, forgetful] = [hostsWithoutPeers(hosts), hostsThatForget(hosts)]
    if (lost.length + forgetful.length > 0) {
      const { key, problem } = worst
      const seen = lost.length > 0 ? `, and peers are gone on ${lost.join(', ')}` : ''
      const data = { key, gone: seen || `, on ${forgetful.join(', ')} from its own memory` }
      const more = leases.unreadable.slice(1)
      const { data: words, ...heal } = othersToo(more)
      const object = named('record', key)
      yield { code: 'unreadable', object, observed: problem, ...heal, data: { ...data, ...words } }
      return yield* doubts({ ...leases, unreadable: more })
    }
    const affected = [...hosts].filter(([, { facts }]) => stumbles(facts.flanneld)).map(([name]) => name)
    const blocking = leases.unreadable.filter(({ subnet }) => subnet === undefined && affected.length > 0)
    for (const { key, problem } of blocking) {
      const data = { key, hosts: affected.join(', ') }
      yield { code: 'blocks-watch', object: named('record', key), observed: problem, data }
    }
    const others = leases.unreadable.filter((one) => !blocking.includes(one))
    for (const one of others)
      yield {
        code: 'damaged',
        object: named('record', one.key),
        observed: one.problem,
        ...damagedDeletion(one, snapshot),
      }
    yield* doubts({ ...leases, unreadable: others })
  },
})
