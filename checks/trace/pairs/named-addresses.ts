/**
 * Addresses that something on a host tells apart: a packet filter, set, policy, policy rule or route that names some of
 * them. All addresses between two that are named are treated alike, so that one stands for the others.
 */
import { knownValue } from '../../expected/observed-host.ts'
import type { Route } from '../../model/route.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../model/snapshot.ts'
import { byNetwork } from '../../model/table-lookup.ts'
import { type AddressRange, namedOn, ofPrefix } from './named-ranges.ts'
import { placeFrom } from './spans.ts'

/** An address alone, or with /32. */
export const SINGLE = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]|\/(?!32\b))/g

/** Of one host; of routes that hosts have in common each is looked at once. */
function* rangesOf(host: HostSnapshot, seen: Set<readonly Route[]>): Iterable<AddressRange> {
  const { common, own } = byNetwork(knownValue(host.facts.routes) ?? [])
  for (const { destination } of seen.has(common) ? own : [...common, ...own]) yield ofPrefix(destination)
  seen.add(common)
  for (const { ranges } of namedOn(host)) yield* ranges
}

const known = new WeakMap<ClusterSnapshot, readonly number[]>()

/** Where on any host another span of addresses begins, in order. */
function cutsOf(snapshot: ClusterSnapshot): readonly number[] {
  const before = known.get(snapshot)
  if (before) return before
  const seen = new Set<readonly Route[]>()
  const cuts = new Set<number>()
  for (const host of snapshot.hosts.values())
    for (const { first, last } of rangesOf(host, seen)) cuts.add(first).add(last + 1)
  const found = [...cuts].sort((a, b) => a - b)
  known.set(snapshot, found)
  return found
}

/** The number of the span of addresses that one is in: addresses of one span are treated alike everywhere. */
export function spanOf(snapshot: ClusterSnapshot, address: number): number {
  return placeFrom({ firsts: cutsOf(snapshot) }, address + 1)
}
