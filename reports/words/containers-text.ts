/** Which containers and pods are on the hosts, in a few words. */
import type { ReportHost } from '../document/report-host.ts'
import { plural } from './subject-text.ts'

/** So many are named, hosts and containers of each; the rest is counted. */
const HOSTS_SHOWN = 4
const CONTAINERS_SHOWN = 4

/** The host, and what Kubernetes calls it where that is another name. */
function hostAndNode({ name, node }: ReportHost): string {
  return node === undefined || node === name ? name : `${name}, node ${node}`
}

/** `default/web-1, default/web-2 and 3 more`; empty where there is none or they were not read. */
export function containersOf({ containers = [] }: ReportHost): string {
  const names = containers.map(({ name }) => name)
  const rest = names.length - CONTAINERS_SHOWN
  return `${names.slice(0, CONTAINERS_SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** `h1: default/web-1; h2, node n2: default/web-2`; undefined where no host is known to have any. */
export function containersText(hosts: readonly ReportHost[]): string | undefined {
  const holding = hosts.filter((host) => containersOf(host) !== '')
  if (holding.length === 0) return undefined
  const shown = holding.slice(0, HOSTS_SHOWN).map((host) => `${hostAndNode(host)}: ${containersOf(host)}`)
  const left = holding.slice(HOSTS_SHOWN)
  const count = left.reduce((sum, { containers = [] }) => sum + containers.length, 0)
  return [...shown, ...(count === 0 ? [] : [`${count} more on ${plural(left.length, 'host')}`])].join('; ')
}
