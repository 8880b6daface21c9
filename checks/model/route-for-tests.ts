/** Routes for tests. */
import { parsePrefix } from './address.ts'
import type { Route } from './route.ts'

/** A unicast route of table main to `10.2.3.0/24`, but for what is named. Throws where that is no network. */
export function route(destination: string, named: Partial<Route> = {}): Route {
  const prefix = parsePrefix(destination)
  if (prefix === undefined) throw new Error(`${destination} is no prefix`)
  return { destination: prefix, type: 'unicast', table: 'main', metric: 0, flags: [], ...named }
}
