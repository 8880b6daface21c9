/** IPv6 routes of table main and which links take and forward IPv6: `ip -6 route`. */
import { parseIpv6Prefix, printedIpv6, printedIpv6Network } from '../../../checks/model/ipv6.ts'
import type { Ipv6Route } from '../../../checks/model/ipv6-state.ts'
import { present } from '../../../checks/model/present.ts'
import { textLines, wordAfter } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'
import { sysctlsFrom } from './sysctls.ts'

/** Words before a destination (iproute2 `lib/rt_names.c`, `rtnl_rtntype_n2a`); a unicast route has none. */
const TYPES = new Set([
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
])

/** Metric of a route that names none (Linux `include/uapi/linux/ipv6_route.h`, `IP6_RT_PRIO_USER`). */
const USUAL_METRIC = 1024

const SETTING = /^net\/ipv6\//
/** A further line of a route with several next hops. */
const NEXT_HOP = /^\s+nexthop /

/** The network that a word names; undefined for none. */
function networkOf(word: string): string | undefined {
  if (word === 'default') return '::/0'
  const prefix = parseIpv6Prefix(word.includes('/') ? word : `${word}/128`)
  return prefix && printedIpv6Network(prefix)
}

/** A route and, of several next hops, each as a route of its own. Throws Error on other text. */
function routesOf([line = '', ...hops]: readonly string[]): readonly Ipv6Route[] {
  const words = line.trim().split(/\s+/)
  const [first = '', second = ''] = words
  const type = TYPES.has(first) ? first : 'unicast'
  const destination = networkOf(type === 'unicast' ? first : second)
  if (destination === undefined) throw new Error(`not a line of ip -6 route: ${line.slice(0, 80)}`)
  return (hops.length === 0 ? [line] : hops).map((hop) => {
    const own = hop.trim().split(/\s+/)
    return present({
      destination,
      type,
      gateway: printedIpv6(wordAfter(own, 'via') ?? ''),
      link: wordAfter(own, 'dev'),
      metric: Number(wordAfter(words, 'metric') ?? USUAL_METRIC),
      text: line.trim(),
    })
  })
}

/** The lines of each route. */
function blocksOf(lines: readonly string[]): readonly (readonly string[])[] {
  const blocks: string[][] = []
  for (const line of lines) {
    if (NEXT_HOP.test(line)) blocks.at(-1)?.push(line)
    else blocks.push([line])
  }
  return blocks
}

export const ipv6: FactCollector<'ipv6'> = {
  fact: 'ipv6',
  command: 'ip -6 route show',
  isRecent: true,
  script: () => `cd /proc/sys || exit
[ -d net/ipv6/conf/all ] || exit 0
grep -s '' net/ipv6/conf/*/forwarding net/ipv6/conf/*/disable_ipv6
grep -s -H -x 1 net/ipv6/conf/*/force_forwarding
ip -6 route show`,
  parse: ({ stdout }) => {
    const lines = textLines(stdout)
    const settings = lines.filter((line) => SETTING.test(line))
    const routes = blocksOf(lines.filter((line) => !SETTING.test(line))).flatMap(routesOf)
    return { value: { routes, settings: sysctlsFrom(settings.join('\n')) } }
  },
}
