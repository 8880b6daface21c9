// With a strict filter the kernel drops a packet whose source it would not route back through the
// link the packet came by; the greater of conf.all.rp_filter and conf.LINK.rp_filter counts, 1 is
// strict, 2 loose (Linux Documentation/networking/ip-sysctl.rst, rp_filter). Strict alone is a usual
// setting and harmless: it drops only where the way back differs, which is what is looked for here.

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost, Peer } from '../expected/expected.ts'
import { networkRoutes } from '../expected/network-routes.ts'
import { run } from '../heal/steps.ts'
import { formatAddress, formatPrefix, networkAddress } from '../model/address.ts'
import { isUp } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { PolicyRule } from '../model/route.ts'
import type { Sysctls } from '../model/sysctl.ts'
import { linkSetting, linkSettingName } from '../trace/lookup/link-setting.ts'
import { indexRoutes, lookupRoute, type RouteIndex } from '../trace/lookup/route-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

/** Packets with this source arrive on that link. */
interface Arrival {
  readonly peer: Peer
  readonly source: number
  /** True for packets of its containers, false for those that carry them. */
  readonly isInner: boolean
  readonly link: string
}

/** What each peer sends: packets of its containers, and on the underlay those that carry them. */
function* arrivals(expected: ExpectedHost): Generator<Arrival> {
  const linkOf = new Map<Peer, string>()
  for (const { peer, link } of expected.routes) if (peer) linkOf.set(peer, link)
  const whole = networkRoutes(expected.routes)[0]?.link
  for (const peer of expected.peers) {
    const { subnet, publicIp } = peer.lease
    const link = linkOf.get(peer) ?? whole
    // The second address: the first is that of the peer's flannel link, the container bridge follows.
    const source = networkAddress(subnet) + 1
    if (link !== undefined) yield { peer, source, isInner: true, link }
    if (expected.externalLink) {
      yield { peer, source: publicIp, isInner: false, link: expected.externalLink.name }
    }
  }
}

/** The kernel's effective mode of a link; undefined when it was not read. */
function filterMode(sysctls: Sysctls, link: string): number | undefined {
  const all = sysctls.get('net.ipv4.conf.all.rp_filter')
  const own = linkSetting(sysctls, link, 'rp_filter')
  if (all === '2' || own === '2') return 2
  return all === undefined || own === undefined ? undefined : Math.max(Number(all), Number(own))
}

const KERNEL_TABLES = ['local', 'main', 'default', '255', '254', '253']

/** True when a policy rule beside the three of the kernel may send the source another way. */
function hasPolicy(rules: readonly PolicyRule[]): boolean {
  return rules.some(({ table, from, to, other }) => {
    const isKernels = table !== undefined && KERNEL_TABLES.includes(table)
    return !isKernels || from !== 'all' || to !== undefined || other.length > 0
  })
}

function judged(
  { peer, source, isInner, link }: Arrival,
  facts: { readonly sysctls: Sysctls; readonly rules: readonly PolicyRule[]; readonly index: RouteIndex },
): Draft<'strict'> | Unsure | undefined {
  const back = lookupRoute(facts.index, source)
  if (back?.type === 'local' || back?.link === link) return undefined
  const mode = filterMode(facts.sysctls, link)
  const setting = linkSettingName(link, 'rp_filter')
  if (mode === undefined) return { unsure: `${setting} was not read` }
  if (mode !== 1) return undefined
  if (hasPolicy(facts.rules)) return { unsure: 'policy rules may decide the way back' }
  const from = isInner ? formatPrefix(peer.lease.subnet) : formatAddress(source)
  const about = { peer: peer.name, object: named('sysctl', setting), expected: `a route back by ${link}` }
  return { code: 'strict', ...about, observed: routeText(back), data: { link, from, setting } }
}

export const check = defineHostCheck({
  id: 'route/reverse-path-filter',
  title: 'Reverse path filter and the way back to peers',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['sysctls', 'routes', 'rules', 'links'],
  needsExpected: true,
  findings: {
    strict: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: '{host} drops what {peer} sends from {from} by {link}: the filter is strict and the way back is {observed}',
      fix: 'Correct the route. If two ways are intended, make the filter loose: `sysctl -w {setting}=2`.',
      heal: [run('sysctl -w {setting}=2', 'the filter asks only for some way back', 'sysctl -w {setting}=1')],
    },
  },
  *evaluate({ facts, expected }) {
    const index = indexRoutes(facts.routes)
    const names = facts.links.filter(isUp).map(({ name }) => name)
    // A filter that is off or loose drops nothing whose way back differs.
    const filtering = new Set(
      names.filter((name) => [undefined, 1].includes(filterMode(facts.sysctls, name))),
    )
    for (const arrival of filtering.size === 0 ? [] : arrivals(expected)) {
      if (!filtering.has(arrival.link)) continue
      const result = judged(arrival, { ...facts, index })
      if (result) yield result
    }
  },
})
