/** What the kernel and flannel's files of each host say that they did not before. */
import { formatPrefix } from '../../../checks/model/address.ts'
import type { Flanneld, FlanneldProcess } from '../../../checks/model/daemon.ts'
import { isUp, type Link } from '../../../checks/model/link.ts'
import type { PolicyRule, Route } from '../../../checks/model/route.ts'
import type { ClusterSnapshot, HostFacts, HostSnapshot } from '../../../checks/model/snapshot.ts'
import type { SubnetEnv } from '../../../checks/model/subnet-env.ts'
import { routeText } from '../../../checks/trace/text/route-text.ts'
import { hostsText } from '../../../reports/words/host-names.ts'

/** Of one kind on one host that are named; more are counted. */
const NAMED = 4

/** What a thing is called, and what it was found to be. */
type Entries = ReadonlyMap<string, string>

function destinationText({ destination }: Route): string {
  return destination.length === 0 ? 'default' : formatPrefix(destination)
}

/** Of one table several routes may lead to one destination. */
function routeKey(route: Route): string {
  const { table, metric, tos } = route
  return [
    destinationText(route),
    ...(table === 'main' ? [] : [`table ${table}`]),
    ...(metric === 0 ? [] : [`metric ${metric}`]),
    ...(tos === undefined ? [] : [`tos ${tos}`]),
  ].join(' ')
}

function routeWay(route: Route): string {
  return routeText({ ...route, table: 'main', metric: 0 }).replace(`${destinationText(route)} `, '')
}

function linkText(link: Link): string {
  const { kind, mac, mtu, master, vxlan } = link
  const words = [
    kind,
    mac,
    `MTU ${mtu}`,
    isUp(link) ? 'up' : 'down',
    master === undefined ? undefined : `port of ${master}`,
    vxlan === undefined ? undefined : `VNI ${vxlan.vni} port ${vxlan.port} local ${vxlan.local ?? 'any'}`,
  ]
  return words.filter((word) => word !== undefined).join(', ')
}

function ruleText({ from, to, table, other }: PolicyRule): string {
  return [
    `from ${from}`,
    ...(to === undefined ? [] : [`to ${to}`]),
    ...other,
    ...(table === undefined ? [] : [`table ${table}`]),
  ].join(' ')
}

/** Where several run, all of them. */
function flanneldEntries({ processes }: Flanneld): readonly (readonly [string, string])[] {
  const all = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.join('; '))
  const state = ({ isStopped }: FlanneldProcess): string =>
    isStopped === true ? 'stopped by a signal' : 'running'
  return [
    ['state', all(processes.map(state))],
    ['version', all(processes.map(({ version = 'unknown' }) => version))],
    ['flags', all(processes.map(({ argv }) => argv.slice(1).join(' ')))],
  ]
}

function subnetText({ network, subnet, mtu, ipMasq }: SubnetEnv): string {
  const range = (prefix: SubnetEnv['network']): string =>
    prefix === undefined ? 'none' : formatPrefix(prefix)
  return `network ${range(network)}, subnet ${range(subnet)}, MTU ${mtu ?? 'none'}, ip-masq ${ipMasq ?? 'none'}`
}

type Facts = { readonly [K in keyof HostFacts]?: HostFacts[K] }

/** By kind; what packets and time alone change is left out. */
const KINDS: Readonly<Record<string, (facts: Facts) => Iterable<readonly [string, string]> | undefined>> = {
  link: ({ links }) => links?.map((link) => [link.name, linkText(link)] as const),
  address: ({ addresses }) =>
    addresses?.map(({ address, length, link }) => [`${address}/${length} on ${link}`, ''] as const),
  route: ({ routes }) =>
    routes
      ?.filter(({ table }) => table !== 'local')
      .map((route) => [routeKey(route), routeWay(route)] as const),
  'policy rule': ({ rules }) => rules?.map((rule) => [`${rule.priority}: ${ruleText(rule)}`, ''] as const),
  neighbour: ({ neighbours }) =>
    neighbours
      ?.filter(({ states }) => states.includes('PERMANENT'))
      .map(({ address, link, mac = 'no MAC' }) => [`${address} on ${link}`, mac] as const),
  'FDB entry': ({ fdb }) =>
    fdb?.flatMap(({ mac, link, destination }) =>
      destination === undefined ? [] : [[`${mac} on ${link}`, `to ${destination}`] as const],
    ),
  chain: ({ iptables }) =>
    iptables?.chains.flatMap(({ table, name, policy }) =>
      policy === undefined ? [] : [[`${name} of ${table}`, `policy ${policy}`] as const],
    ),
  'iptables rule': ({ iptables }) =>
    iptables?.rules.map(({ table, text }) => [`${table} ${text}`, ''] as const),
  sysctl: ({ sysctls }) => sysctls,
  'subnet.env': ({ subnetEnv }) => subnetEnv && [['', subnetText(subnetEnv)] as const],
  flanneld: ({ flanneld }) => flanneld && flanneldEntries(flanneld),
}

/** Facts that are known on both sides. */
function bothKnown(before: HostSnapshot, after: HostSnapshot): readonly [Facts, Facts] {
  const names = (Object.keys(after.facts) as (keyof HostFacts)[]).filter(
    (name) => before.facts[name]?.known === true && after.facts[name].known,
  )
  const of = ({ facts }: HostSnapshot): Facts =>
    Object.fromEntries(
      names.flatMap((name) => {
        const fact = facts[name]
        return fact.known ? [[name, fact.value]] : []
      }),
    )
  return [of(before), of(after)]
}

/** The first few, and how many more of the kind. */
function named(kind: string, what: string, words: readonly string[]): readonly string[] {
  const rest = words.length - NAMED
  if (rest < 2) return words.map((each) => `${kind} ${each}`)
  return [...words.slice(0, NAMED).map((each) => `${kind} ${each}`), `${kind}: ${rest} more ${what}`]
}

function kindChanges(kind: string, old: Entries, now: Entries): readonly string[] {
  const told = (key: string, ...words: readonly string[]): string =>
    [key, ...words].filter((word) => word !== '').join(' ')
  const lost = [...old].flatMap(([key, text]) =>
    now.has(key) ? [] : [told(key, 'is gone', text === '' ? '' : `(was ${text})`)],
  )
  const fresh = [...now].flatMap(([key, text]) =>
    old.has(key) ? [] : [told(key, 'is new', text === '' ? '' : `(${text})`)],
  )
  const other = [...now].flatMap(([key, text]) => {
    const was = old.get(key)
    return was === undefined || was === text ? [] : [told(key, 'changed from', was, 'to', text)]
  })
  return [
    ...named(kind, 'are gone', lost),
    ...named(kind, 'are new', fresh),
    ...named(kind, 'changed', other),
  ]
}

function changesOf(before: HostSnapshot, after: HostSnapshot): readonly string[] {
  const [old, now] = bothKnown(before, after)
  return Object.entries(KINDS).flatMap(([kind, read]) => {
    const [was, is] = [read(old), read(now)]
    return was === undefined || is === undefined ? [] : kindChanges(kind, new Map(was), new Map(is))
  })
}

/** Sentences of what changed, each once with the hosts that it is true of. */
export function hostStateChanges(before: ClusterSnapshot, after: ClusterSnapshot): readonly string[] {
  const all = [...after.hosts].flatMap(([host, now]) => {
    const old = before.hosts.get(host)
    return old === undefined ? [] : changesOf(old, now).map((says) => ({ host, says }))
  })
  return [...Map.groupBy(all, ({ says }) => says)].map(
    ([says, alike]) => `${hostsText(alike.map(({ host }) => host))}: ${says}`,
  )
}
