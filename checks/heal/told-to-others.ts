/** What the flanneld of every other host is told, for one that is told something else. */

import { type FlanneldOptions, flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { knownValue, leasePrefix } from '../expected/observed-host.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

interface Told<T> {
  readonly own: T | undefined
  readonly others: T
}

/**
 * What `taken` takes out of the options of a flanneld, undefined for nothing of use elsewhere: that of this host and the one
 * of all others. Undefined where the others differ, or where this host is told the same.
 */
export function toldToOthers<T>(
  snapshot: ClusterSnapshot,
  host: HostName,
  taken: (options: FlanneldOptions) => T | undefined,
): Told<T> | undefined {
  const toldTo = (name: HostName): T | undefined => {
    const facts = snapshot.hosts.get(name)?.facts
    const flanneld = facts && knownValue(facts.flanneld)
    const daemon = flanneld && flanneldFor(flanneld, leasePrefix(snapshot))
    return daemon && taken(flanneldOptions(daemon))
  }
  const [others, ...more] = [...snapshot.hosts.keys()].filter((name) => name !== host).map(toldTo)
  const isTheSame = (one: T | undefined): boolean => JSON.stringify(one) === JSON.stringify(others)
  const own = toldTo(host)
  if (others === undefined || !more.every(isTheSame) || isTheSame(own)) return undefined
  return { own, others }
}
