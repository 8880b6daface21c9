/** The ports that packet filters and policy rules of a host name: what is for them may fare otherwise than the rest. */
import { knownValue } from '../../expected/observed-host.ts'
import type { ContainerNetwork } from '../../model/container-bridge.ts'
import { present } from '../../model/present.ts'
import type { HostSnapshot } from '../../model/snapshot.ts'

/** Ports that are tried per host; of a host whose rules name more the lowest. */
const MOST_PORTS = 24

const NAMED_PORTS =
  /(?:--dports?|--ports|dport)["\s,:{}a-z]*?(\d{1,5})|"field":\s*"dport"\}\},\s*"right":\s*(\d{1,5})/g

type Filters = Partial<Pick<ContainerNetwork, 'nftables' | 'iptables' | 'iptablesLegacy'>>

/** Every rule as text. */
export function ruleTexts({ nftables, iptables, iptablesLegacy }: Filters): readonly string[] {
  const saved = [iptables, iptablesLegacy].flatMap((one) => one?.rules ?? [])
  const native = nftables?.rules ?? []
  return [...saved.map(({ text }) => text), ...native.map(({ expressions }) => JSON.stringify(expressions))]
}

/** The packet filters of a host and of what is inside its containers. */
function filtersOf({ facts }: HostSnapshot): readonly Filters[] {
  const [nftables, iptables, iptablesLegacy] = [
    knownValue(facts.nftables),
    knownValue(facts.iptables),
    knownValue(facts.iptablesLegacy),
  ]
  const inside = (knownValue(facts.containers) ?? []).flatMap(({ network }) => network ?? [])
  return [present({ nftables, iptables, iptablesLegacy }), ...inside]
}

const named = new WeakMap<HostSnapshot['facts'], readonly number[]>()

/** Destination ports that rules of the host and of its containers name; the same array on every call. */
export function portsNamedBy(host: HostSnapshot): readonly number[] {
  const known = named.get(host.facts) ?? portsNamedIn(host)
  named.set(host.facts, known)
  return known
}

/** What policy rules of the host and of its containers select by. */
function selectorTexts({ facts }: HostSnapshot): readonly string[] {
  const inside = (knownValue(facts.containers) ?? []).flatMap(({ network }) => network?.rules ?? [])
  return [...(knownValue(facts.rules) ?? []), ...inside].map(({ other }) => other.join(' '))
}

function portsNamedIn(host: HostSnapshot): readonly number[] {
  const found = new Set<number>()
  const texts = [...filtersOf(host).flatMap(ruleTexts), ...selectorTexts(host)]
  for (const text of texts.filter((one) => one.includes('port')))
    for (const [, inWords, inJson] of text.matchAll(NAMED_PORTS)) found.add(Number(inWords ?? inJson))
  return [...found].sort((a, b) => a - b).slice(0, MOST_PORTS)
}
