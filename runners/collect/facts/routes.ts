/** IPv4 routes of every table: `ip -4 route show table all`. */
import { parseAddress, parsePrefix } from '../../../checks/model/address.ts'
import { present } from '../../../checks/model/present.ts'
import type { Route } from '../../../checks/model/route.ts'
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

export const routes: FactCollector<'routes'> = {
  fact: 'routes',
  command: 'ip -4 route show table all',
  script: () => 'ip -j -4 route show table all 2>/dev/null || ip -4 route show table all',
  parse: ({ stdout }) => {
    const table = parseSharedTable(withoutEncapsulation(stdout))
    return { value: table ? routesFromTable(table) : routesFromRows(routeRowsFromText(stdout)) }
  },
}
