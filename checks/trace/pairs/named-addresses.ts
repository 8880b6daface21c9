/** Single addresses that a packet filter, route, policy rule or neighbour entry of any host names: they are not like their neighbours. */
import { knownValue } from '../../expected/observed-host.ts'
import { parseAddress } from '../../model/address.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../model/snapshot.ts'

/** An address alone, or with /32. */
export const SINGLE = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]|\/(?!32\b))/g

const named = new WeakMap<ClusterSnapshot, ReadonlySet<number>>()

function* textsOf({ facts }: HostSnapshot): Iterable<string> {
  const saved = [facts.iptables, facts.iptablesLegacy].flatMap((fact) => knownValue(fact)?.rules ?? [])
  for (const { text } of saved) yield text
  const { rules, sets } = knownValue(facts.nftables) ?? { rules: [], sets: [] }
  for (const { expressions } of rules) yield JSON.stringify(expressions)
  for (const { elements } of sets) yield JSON.stringify(elements)
  for (const { from, to = '' } of knownValue(facts.rules) ?? []) yield `${from} ${to}`
}

function* numbersOf({ facts }: HostSnapshot): Iterable<number> {
  for (const { destination } of knownValue(facts.routes) ?? [])
    if (destination.length === 32) yield destination.address
}

/** The addresses as numbers; the same set on every call with the same snapshot. */
export function namedAddresses(snapshot: ClusterSnapshot): ReadonlySet<number> {
  const known = named.get(snapshot)
  if (known) return known
  const found = new Set<number>()
  for (const host of snapshot.hosts.values()) {
    for (const number of numbersOf(host)) found.add(number)
    for (const text of textsOf(host))
      for (const [single] of text.matchAll(SINGLE)) found.add(parseAddress(single) ?? 0)
  }
  named.set(snapshot, found)
  return found
}
