/** IPv4 routes of every table: `ip -4 route show table all`. */
import { parseAddress, parsePrefix } from '../../../checks/model/address.ts'
import type { Route } from '../../../checks/model/route.ts'
import {
  numberField,
  parseRows,
  present,
  type Row,
  rowsField,
  textField,
  wordsField,
} from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'
import { routeRowsFromText } from './route-text.ts'

/** What one next hop says; a plain route is its own and only next hop. */
function nextHops(row: Row): readonly Row[] {
  const hops = rowsField(row, 'nexthops')
  return hops.length === 0 ? [row] : hops
}

/**
 * One route per next hop. iproute2 leaves out what is usual: unicast, table main,
 * protocol boot and scope global (`ip/iproute.c`, `print_route`).
 */
function routesFromRow(row: Row, usualProtocol: string | undefined): readonly Route[] {
  const text = textField(row, 'dst') ?? ''
  const destination = parsePrefix(text === 'default' ? '0.0.0.0/0' : text)
  if (destination === undefined) return []
  return nextHops(row).map((hop) =>
    present({
      destination,
      type: textField(row, 'type') ?? 'unicast',
      table: textField(row, 'table') ?? 'main',
      gateway: parseAddress(textField(hop, 'gateway') ?? ''),
      link: textField(hop, 'dev'),
      protocol: textField(row, 'protocol') ?? usualProtocol,
      scope: textField(row, 'scope') ?? 'global',
      source: parseAddress(textField(row, 'prefsrc') ?? ''),
      metric: numberField(row, 'metric') ?? 0,
      flags: [...new Set([...wordsField(row, 'flags'), ...wordsField(hop, 'flags')])],
    }),
  )
}

/**
 * Routes of JSON rows; IPv6 rows have no IPv4 destination and are left out. A dump without
 * any protocol is BusyBox's, which prints none: there it is not known.
 */
export function routesFromRows(rows: readonly Row[]): readonly Route[] {
  const usualProtocol = rows.some((row) => 'protocol' in row) ? 'boot' : undefined
  return rows.flatMap((row) => routesFromRow(row, usualProtocol))
}

export const routes: FactCollector<'routes'> = {
  fact: 'routes',
  command: 'ip -4 route show table all',
  script: () => 'ip -j -4 route show table all 2>/dev/null || ip -4 route show table all',
  parse: ({ stdout }) => ({ value: routesFromRows(parseRows(stdout) ?? routeRowsFromText(stdout)) }),
}
