/** The network of a container as a packet meets it: a host of its own, made of what was read inside. */
import { namespaceOf } from '../../expected/bridge-port.ts'
import type { Container, ContainerLink, ContainerNetwork } from '../../model/container-bridge.ts'
import type { Link } from '../../model/link.ts'
import { present } from '../../model/present.ts'
import { shellWord } from '../../model/shell-words.ts'
import type { Fact, HostFactName, Source } from '../../model/snapshot.ts'
import type { Qdisc } from '../../model/traffic-control.ts'
import { readFilters } from '../filter/host-filters.ts'
import { indexRoutes } from '../lookup/route-lookup.ts'
import type { HostView } from './world.ts'

/** What shows each fact inside a container, typed behind `nsenter --net=FILE`; JSON is what was read. */
const SHOWN_INSIDE = {
  addresses: 'ip -j -d addr show',
  routes: 'ip -j -d -4 route show table all',
  rules: 'ip -j -d rule show',
  neighbours: 'ip -j -d neigh show nud permanent',
  trafficControl: 'ip -j -d link show',
  xfrm: 'ip xfrm policy list',
  sysctls: "grep -rH '' /proc/sys/net/ipv4",
  nftables: 'nft -a list ruleset',
  iptables: 'iptables-save -c',
  iptablesLegacy: 'iptables-legacy-save -c',
} as const satisfies Readonly<Partial<Record<HostFactName, string>>>

type Inside = keyof typeof SHOWN_INSIDE

/** The words that lead into a container's network; undefined where no command can. */
function insideWords(container: Container): string | undefined {
  const file = shellWord(namespaceOf(container).namespace ?? `/run/netns/${container.name}`)
  return file === undefined ? undefined : `nsenter --net=${file}`
}

/** Which fact of a container a source shows, with the words in front of its command; undefined for those of hosts. */
export function insideFact({ section, command }: Source): { fact: Inside; words: string } | undefined {
  if (section !== 'containers') return undefined
  for (const [fact, shown] of Object.entries(SHOWN_INSIDE) as [Inside, string][])
    if (command.endsWith(` ${shown}`)) return { fact, words: command.slice(0, -shown.length).trim() }
  return undefined
}

/** The fact that a source shows, of a host or of a container. */
export function factOf(source: Source): string {
  return insideFact(source)?.fact ?? source.section
}

/** The kind of a queueing discipline stands with its link; what it lets through does not. */
function qdiscOf({ name, qdisc: kind }: ContainerLink): readonly Qdisc[] {
  if (kind === undefined) return []
  const isOpen = kind === 'tbf' || kind === 'netem'
  return [{ link: name, kind, isRoot: true, text: `${name} qdisc ${kind}`, ...(isOpen && { isOpen }) }]
}

function linkOf({ name, mtu, flags, mac }: ContainerLink): Link {
  return { index: 0, name, mtu, flags, operstate: 'UNKNOWN', ...present({ mac }) }
}

const views = new WeakMap<ContainerNetwork, HostView>()

function factsOf(host: HostView, container: Container, network: ContainerNetwork): HostView['facts'] {
  const words = insideWords(container)
  const from = (fact: Inside): Source => {
    const { host: name, section } = host.facts.containers.from
    return { host: name, section, command: [words, SHOWN_INSIDE[fact]].filter(Boolean).join(' ') }
  }
  const known = <T>(fact: Inside, value: T): Fact<T> => ({ known: true, value, from: from(fact) })
  const { unread } = network
  const filter = <T>(fact: Inside, value: T | undefined, none: T): Fact<T> => {
    if (value !== undefined || unread === undefined) return known(fact, value ?? none)
    return { known: false, why: 'missing', detail: unread, from: from(fact) }
  }
  const noRules = { variant: 'nf_tables', chains: [], rules: [] } as const
  return {
    ...host.facts,
    addresses: known('addresses', container.addresses),
    routes: known('routes', network.routes),
    rules: known('rules', network.rules),
    neighbours: known('neighbours', network.neighbours),
    sysctls: known('sysctls', network.sysctls),
    xfrm: known('xfrm', network.xfrm),
    trafficControl: known('trafficControl', { qdiscs: container.links.flatMap(qdiscOf), filters: [] }),
    nftables: filter('nftables', network.nftables, { tables: [], chains: [], rules: [], sets: [] }),
    iptables: filter('iptables', network.iptables, noRules),
    iptablesLegacy: known('iptablesLegacy', network.iptablesLegacy ?? { ...noRules, variant: 'legacy' }),
    ipsets: { ...host.facts.ipsets, known: false, why: 'missing', detail: 'sets of containers are not read' },
  }
}

/** A container's network made ready; undefined where it was not read. The same object on every call. */
export function containerView(host: HostView, container: Container): HostView | undefined {
  const { network, addresses, links } = container
  if (network === undefined) return undefined
  const before = views.get(network)
  if (before) return before
  const facts = factsOf(host, container, network)
  const view: HostView = {
    name: host.name,
    container: container.name,
    facts,
    links: new Map(links.map((link) => [link.name, linkOf(link)])),
    addresses,
    local: new Set(addresses.flatMap(({ prefix }) => (prefix ? [prefix.address] : []))),
    index: indexRoutes(network.routes),
    rules: network.rules,
    sysctls: network.sysctls,
    filters: readFilters(facts),
  }
  views.set(network, view)
  return view
}

/** Whose connections it are: every network namespace tracks its own. */
export function placeName({ name, container }: Pick<HostView, 'name' | 'container'>): string {
  return container === undefined ? name : `${name}/${container}`
}
