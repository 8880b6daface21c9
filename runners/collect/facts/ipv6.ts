/** IPv6 routes of every table, policy rules, and which links take and forward IPv6: `ip -6 route`, `ip -6 rule`. */
import { parseIpv6Prefix, printedIpv6, printedIpv6Network } from '../../../checks/model/ipv6.ts'
import { type Ipv6Route, USUAL_IPV6_METRIC } from '../../../checks/model/ipv6-state.ts'
import { present } from '../../../checks/model/present.ts'
import { numberField, type Row, rowsField, textField, textLines } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'
import { routeRowsFromText } from './route-text.ts'
import { rulesFromText } from './rules.ts'
import { sysctlsFrom } from './sysctls.ts'

const SETTING = /^net\/ipv6\//
/** As `ip rule` prints one: no route has a tab behind its first word. */
const RULE = /^\d+:\t/
const NEXT_HOP = /^\s/

/** The network that a word names; undefined for none. */
function networkOf(word: string): string | undefined {
  if (word === 'default') return '::/0'
  const prefix = parseIpv6Prefix(word.includes('/') ? word : `${word}/128`)
  return prefix && printedIpv6Network(prefix)
}

/** A route and, of several next hops, each as a route of its own; none for those of packets from one network alone. */
function routesOf(row: Row, text: string): readonly Ipv6Route[] {
  const destination = networkOf(textField(row, 'dst') ?? '')
  if (destination === undefined) throw new Error(`not a line of ip -6 route: ${text.slice(0, 80)}`)
  if (textField(row, 'from') !== undefined) return []
  const hops = rowsField(row, 'nexthops')
  return (hops.length === 0 ? [row] : hops).map((hop) =>
    present({
      destination,
      type: textField(row, 'type') ?? 'unicast',
      table: textField(row, 'table') ?? 'main',
      gateway: printedIpv6(textField(hop, 'gateway') ?? ''),
      link: textField(hop, 'dev'),
      protocol: textField(row, 'protocol'),
      isBalanced: hops.length > 1 || undefined,
      metric: numberField(row, 'metric') ?? USUAL_IPV6_METRIC,
      mtu: numberField(rowsField(row, 'metrics')[0] ?? {}, 'mtu'),
      text,
    }),
  )
}

/** Routes of the plain form of `ip -6 route`. Throws Error on other text. */
export function ipv6RoutesFrom(lines: readonly string[]): readonly Ipv6Route[] {
  const heads = lines.filter((line) => !NEXT_HOP.test(line))
  return routeRowsFromText(lines.join('\n')).flatMap((row, at) => routesOf(row, heads[at]?.trim() ?? ''))
}

export const ipv6: FactCollector<'ipv6'> = {
  fact: 'ipv6',
  command: 'ip -6 route show table all',
  isRecent: true,
  script: () => `cd /proc/sys || exit
[ -d net/ipv6/conf/all ] || exit 0
grep -s '' net/ipv6/conf/*/forwarding net/ipv6/conf/*/disable_ipv6
grep -s -H -x 1 net/ipv6/conf/*/force_forwarding
ip -6 rule show 2>/dev/null
ip -6 route show table all`,
  parse: ({ stdout }) => {
    const lines = textLines(stdout)
    const settings = lines.filter((line) => SETTING.test(line))
    const rules = lines.filter((line) => RULE.test(line))
    const routes = lines.filter((line) => !SETTING.test(line) && !RULE.test(line))
    return {
      value: {
        routes: ipv6RoutesFrom(routes),
        rules: rulesFromText(rules),
        settings: sysctlsFrom(settings.join('\n')),
      },
    }
  },
}
