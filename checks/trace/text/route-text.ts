/** A route in the words of iproute2, for findings. */
import { formatAddress, formatPrefix } from '../../model/address.ts'
import { REDIRECTED, type Route } from '../../model/route.ts'

/** `10.1.7.0/24 via 10.1.7.0 dev flannel.1 metric 100`; `no route` for undefined. */
export function routeText(route: Route | undefined): string {
  if (!route) return 'no route'
  const text = texts.get(route) ?? wordsOf(route)
  texts.set(route, text)
  return text
}

/** Every hop of a walk names its route. */
const texts = new WeakMap<Route, string>()

function wordsOf(route: Route): string {
  const { destination, type, gateway, link, metric, table } = route
  if (table === REDIRECTED && gateway !== undefined)
    return `${formatAddress(destination.address)} via ${formatAddress(gateway)} dev ${link} cache <redirected>`
  return [
    type === 'unicast' ? '' : type,
    destination.length === 0 ? 'default' : formatPrefix(destination),
    gateway === undefined ? '' : `via ${formatAddress(gateway)}`,
    link === undefined ? '' : `dev ${link}`,
    table === 'main' || table === 'local' ? '' : `table ${table}`,
    metric === 0 ? '' : `metric ${metric}`,
  ]
    .filter((word) => word !== '')
    .join(' ')
}
