/** Single addresses that a packet filter, route, policy or policy rule of any host names: they are not like their neighbours. */
import { knownValue } from '../../expected/observed-host.ts'
import type { Route } from '../../model/route.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../model/snapshot.ts'
import { byNetwork } from '../../model/table-lookup.ts'
import { namedOn } from './named-ranges.ts'

/** An address alone, or with /32. */
export const SINGLE = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]|\/(?!32\b))/g

const named = new WeakMap<ClusterSnapshot, ReadonlySet<number>>()

/** Of one host; of routes that hosts have in common each is looked at once. */
function* singlesOf(host: HostSnapshot, seen: Set<readonly Route[]>): Iterable<number> {
  const { common, own } = byNetwork(knownValue(host.facts.routes) ?? [])
  for (const { destination } of seen.has(common) ? own : [...common, ...own])
    if (destination.length === 32) yield destination.address
  seen.add(common)
  for (const { ranges } of namedOn(host))
    for (const { first, last } of ranges) if (first === last) yield first
}

/** The addresses as numbers; the same set on every call with the same snapshot. */
export function namedAddresses(snapshot: ClusterSnapshot): ReadonlySet<number> {
  const known = named.get(snapshot)
  if (known) return known
  const seen = new Set<readonly Route[]>()
  const found = new Set([...snapshot.hosts.values()].flatMap((host) => [...singlesOf(host, seen)]))
  named.set(snapshot, found)
  return found
}
