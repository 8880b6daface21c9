/** IPv4 routes of every table, and where ICMP redirects lead: `ip -4 route show table all`, `ip -4 route show cache`. */
import { parseAddress, parsePrefix } from '../../../checks/model/address.ts'
import { present } from '../../../checks/model/present.ts'
import { REDIRECTED, type Route } from '../../../checks/model/route.ts'
import { numberField, type Row, rowField, rowsField, textField, wordsField } from '../section/rows.ts'
import { parseSharedTable, type SharedTable } from '../section/rows-parsed-once.ts'
import type { FactCollector } from '../section/section.ts'
import { routeRowsFromText } from './route-text.ts'

/** What one next hop says; a plain route is its own and only next hop. */
function nextHops(row: Row): readonly Row[] {
  const hops = rowsField(row, 'nexthops')
  return hops.length === 0 ? [row] : hops
}

/** `metrics` of a route and what of them decides about packets. */
function metricsOf(row: Row): {
  readonly mtu?: number | undefined
  readonly advertisedMss?: number | undefined
  readonly hopLimit?: number | undefined
} {
  const [metrics = {}] = rowsField(row, 'metrics')
  const [mtu, advertisedMss, hopLimit] = ['mtu', 'advmss', 'hoplimit'].map((name) =>
    numberField(metrics, name),
  )
  return { mtu, advertisedMss, hopLimit }
}

/** `0x10`, or a name of rt_dsfield; 0 is what every packet without a wish has. */
function tosOf(row: Row): string | undefined {
  const tos = textField(row, 'tos')
  return tos === '0' || tos === '0x00' || tos === 'default' ? undefined : tos
}

/**
 * One route per next hop. iproute2 leaves out what is usual: unicast, table main,
 * protocol boot and scope global (`ip/iproute.c`, `print_route`).
 */
function routesFromRow(row: Row, usualProtocol: string | undefined): readonly Route[] {
  const text = textField(row, 'dst') ?? ''
  const destination = parsePrefix(text === 'default' ? '0.0.0.0/0' : text)
  if (destination === undefined) return []
  const hops = nextHops(row)
  return hops.map((hop) =>
    present({
      destination,
      type: textField(row, 'type') ?? 'unicast',
      table: textField(row, 'table') ?? 'main',
      gateway: parseAddress(textField(hop, 'gateway') ?? ''),
      gatewayInet6: textField(rowField(hop, 'via'), 'host'),
      link: textField(hop, 'dev'),
      isBalanced: hops.length > 1 || undefined,
      protocol: textField(row, 'protocol') ?? usualProtocol,
      scope: textField(row, 'scope') ?? 'global',
      source: parseAddress(textField(row, 'prefsrc') ?? ''),
      metric: numberField(row, 'metric') ?? 0,
      ...metricsOf(row),
      tos: tosOf(row),
      encapsulation: textField(hop, 'encap') ?? textField(row, 'encap'),
      flags: [...new Set([...wordsField(row, 'flags'), ...wordsField(hop, 'flags')])],
    }),
  )
}

/**
 * Routes of JSON rows; IPv6 rows have no IPv4 destination and are left out. A dump without
 * any protocol is BusyBox's, which prints none: there it is not known.
 */
export function routesFromRows(rows: readonly Row[]): readonly Route[] {
  return rows.flatMap(rows.some((row) => 'protocol' in row) ? withUsualProtocol : asPrinted)
}

const withUsualProtocol = (row: Row): readonly Route[] => routesFromRow(row, 'boot')
const asPrinted = (row: Row): readonly Route[] => routesFromRow(row, undefined)

function routesFromTable(table: SharedTable): readonly Route[] {
  return table.entries(table.hasField('protocol') ? withUsualProtocol : asPrinted)
}

/**
 * iproute2 prints an encapsulation's own `dst`, `src` and `tos` into the route's object (`ip/iproute_lwtunnel.c`),
 * where they would take the place of the route's.
 */
function withoutEncapsulation(text: string): string {
  if (!text.includes('"encap"')) return text
  return text.replaceAll(
    /("encap":"\w+",)(?:"(?:id|src|dst|hoplimit|ttl|tc|tos|flowinfo)":(?:"[^"]*"|\d+),)+/g,
    '$1',
  )
}

/** What the kernel was told by ICMP redirects, of Linux 5.3 and later, in one line each; when that ends is left out. */
const REDIRECTS = "ip -o -4 route show cache 2>/dev/null | sed -n '/<redirected>/s/ expires .*//p; 1000q'"

/** `10.1.7.2 via 192.0.2.250 dev eth0 \    cache <redirected>` */
const REDIRECT = /^([\d.]+) via ([\d.]+) dev (\S+) .*cache <redirected>$/

function redirectsIn(lines: readonly string[]): readonly Route[] {
  return lines.flatMap((text) => {
    const [, address = '', gateway = '', link = ''] = REDIRECT.exec(text.trim()) ?? []
    const destination = parsePrefix(address)
    const to = parseAddress(gateway)
    if (destination === undefined || to === undefined) return []
    const where = { destination, type: 'unicast', table: REDIRECTED, gateway: to, link }
    return [{ ...where, metric: 0, flags: [] }]
  })
}

function routesIn(text: string): readonly Route[] {
  const table = parseSharedTable(text, withoutEncapsulation)
  return table ? routesFromTable(table) : routesFromRows(routeRowsFromText(text))
}

/** Nearly every host has no redirects: its table then is as it is shared with others. */
function withRedirects(text: string): readonly Route[] {
  if (!text.includes('cache <redirected>')) return routesIn(text)
  const isTold = (one: string): boolean => one.trimEnd().endsWith('cache <redirected>')
  const lines = text.split('\n')
  return [...routesIn(lines.filter((one) => !isTold(one)).join('\n')), ...redirectsIn(lines.filter(isTold))]
}

export const routes: FactCollector<'routes'> = {
  fact: 'routes',
  command: 'ip -4 route show table all',
  script: () =>
    `{ ip -j -4 route show table all 2>/dev/null || ip -4 route show table all; } && ${REDIRECTS}`,
  parse: ({ stdout }) => ({ value: withRedirects(stdout) }),
}
