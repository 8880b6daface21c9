/** Built clusters with one thing wrong, and the place where the walk must end. */
import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import type { Neighbour } from '../model/neighbour.ts'
import type { IptablesRule } from '../model/netfilter.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot, HostFactName, HostName } from '../model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from './endpoint.ts'
import type { Endpoint, Trace } from './trace.ts'
import { walkPing } from './walk.ts'

export const VXLAN = buildCluster({ hosts: 3, backend: 'vxlan' })
export const HOST_GW = buildCluster({ hosts: 3, backend: 'host-gw' })
export const UDP = buildCluster({ hosts: 3, backend: 'udp' })

/** Bytes of a plain ping. */
export const PLAIN = { size: 84 }

/** 10.2.1.2 and 10.2.2.2, the containers of h1 and h2, and the underlay's 172.20.0.x, as numbers. */
export const FIRST = 0x0a020102
export const SECOND = 0x0a020202
export const underlay = (number: number): number => 0xac140000 + number

export type Edit = (cluster: ClusterSnapshot) => ClusterSnapshot

/** One fault: the end as `DROP at STAGE of HOST`. */
export interface WalkCase {
  readonly name: string
  readonly ends: string
  readonly edit: Edit
  /** Default vxlan. */
  readonly cluster?: ClusterSnapshot
  readonly direction?: 'request' | 'reply'
  readonly size?: number
}

export function end(words: string, cluster = VXLAN): Endpoint {
  const found = resolveEndpoint(cluster, words)
  if (!isEndpoint(found)) throw new Error(found.problem)
  return found
}

export const C1 = end('h1/h1c1')
export const C2 = end('h2/h2c1')

export function endOf({ ends, hops }: Trace): string {
  const last = hops.at(-1)
  return ends === 'delivered' ? ends : `${ends} at ${last?.stage} of ${last?.host}`
}

/** A test for every case: h1c1 pings h2c1. */
export function testCases(cases: readonly WalkCase[]): void {
  for (const { name, cluster = VXLAN, edit, direction = 'request', size = 84, ends } of cases) {
    test(`${name}: ${ends}`, (t) => {
      const { request, reply } = walkPing(edit(cluster), { from: C1, to: C2 }, { size })
      const trace = direction === 'request' ? request : reply
      if (direction === 'reply') t.is(request.ends, 'delivered')
      t.is(trace && endOf(trace), ends)
      t.truthy(trace?.hops.at(-1)?.why)
      t.true(trace?.hops.slice(0, -1).every(({ predicted }) => predicted === 'forwarded'))
    })
  }
}

export function link(host: HostName, name: string, changes: Partial<Link>): Edit {
  return (cluster) =>
    withHost(cluster, host, ({ links }) => ({
      links: links.map((one) => (one.name === name ? { ...one, ...changes } : one)),
    }))
}

/** The flannel link of a vxlan host made anew. */
export function vtep(host: HostName, changes: Partial<NonNullable<Link['vxlan']>>): Edit {
  const vxlan = { vni: 1, port: 8472, learning: false, gbp: false, ...changes }
  return link(host, 'flannel.1', { vxlan })
}

export function down(host: HostName, name: string): Edit {
  return link(host, name, { flags: ['BROADCAST', 'MULTICAST'] })
}

export function sysctl(host: HostName, name: string, value: string): Edit {
  return (cluster) =>
    withHost(cluster, host, ({ sysctls }) => ({ sysctls: new Map([...sysctls, [name, value]]) }))
}

/** A route before all others; unicast in main unless told otherwise. */
export function route(host: HostName, parts: Partial<Route> & Pick<Route, 'destination'>): Edit {
  const added: Route = { type: 'unicast', table: 'main', metric: 0, flags: [], ...parts }
  return (cluster) => withHost(cluster, host, ({ routes }) => ({ routes: [added, ...routes] }))
}

/** A route to one address. */
export function detour(host: HostName, address: number, parts: Partial<Route>): Edit {
  return route(host, { destination: { address, length: 32 }, ...parts })
}

/** A rule before all others of its chain. */
export function rule(host: HostName, chain: string, words: string, table = 'filter'): Edit {
  const text = `-A ${chain} ${words}`
  const added: IptablesRule = { table, chain, text, words: text.split(' ') }
  return (cluster) =>
    withHost(cluster, host, ({ iptables }) => ({
      iptables: { ...iptables, rules: [added, ...iptables.rules] },
    }))
}

export function neighbours(host: HostName, edit: (one: Neighbour) => readonly Neighbour[]): Edit {
  return (cluster) => withHost(cluster, host, ({ neighbours: all }) => ({ neighbours: all.flatMap(edit) }))
}

export function address(host: HostName, added: LinkAddress): Edit {
  return (cluster) => withHost(cluster, host, ({ addresses }) => ({ addresses: [...addresses, added] }))
}

export function unread(host: HostName, name: HostFactName): Edit {
  return (cluster) => withoutFact(cluster, host, { name, why: 'not-permitted' })
}

/** Several edits, the first one first. */
export function both(...edits: readonly Edit[]): Edit {
  return (cluster) => edits.reduce((edited, edit) => edit(edited), cluster)
}

/** An IPv4 address of a link, in a subnet of that length. */
export function onLink(name: string, text: string, prefix: LinkAddress['prefix'] & object): LinkAddress {
  return { link: name, family: 'inet', address: text, length: prefix.length, prefix, scope: 'global' }
}
