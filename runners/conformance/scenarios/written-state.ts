/** Everything flannel has written on a host, one line each, so that two moments can be compared. */
import { containsPrefix, formatAddress, formatPrefix, type Prefix } from '../../../checks/model/address.ts'
import type { Lease } from '../../../checks/model/lease.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../../../checks/model/snapshot.ts'
import { factValue, isFlannelLink } from './peer-entries.ts'
import { ScenarioError } from './scenario.ts'

/** The host of that name in a snapshot. Throws ScenarioError when it was not collected. */
export function hostIn(snapshot: ClusterSnapshot, name: HostName): HostSnapshot {
  const host = snapshot.hosts.get(name)
  if (host === undefined) throw new ScenarioError(`${name} was not collected`)
  if (host.unreachable !== undefined) throw new ScenarioError(`${name}: ${host.unreachable}`)
  return host
}

/** FLANNEL_SUBNET of a host, `10.5.34.1/24`. */
export function subnetEnvOf(host: HostSnapshot): string {
  const { subnet } = factValue(host.facts.subnetEnv)
  if (subnet === undefined) throw new ScenarioError(`subnet.env of ${host.host} has no FLANNEL_SUBNET`)
  return formatPrefix(subnet)
}

/** What subnet.env says, one line each. */
export function subnetEnvLines(host: HostSnapshot): readonly string[] {
  const { network, mtu, ipMasq, otherLines } = factValue(host.facts.subnetEnv)
  const wide = network === undefined ? 'none' : formatPrefix(network)
  return [`NETWORK ${wide}`, `SUBNET ${subnetEnvOf(host)}`, `MTU ${mtu}`, `IPMASQ ${ipMasq}`, ...otherLines]
}

/** The lease of a host's subnet.env; undefined when etcd has none for that subnet. */
export function leaseOf(snapshot: ClusterSnapshot, name: HostName): Lease | undefined {
  const { subnet } = factValue(hostIn(snapshot, name).facts.subnetEnv)
  if (subnet === undefined) throw new ScenarioError(`subnet.env of ${name} has no FLANNEL_SUBNET`)
  return factValue(snapshot.datastore.leases).leases.find((lease) => containsPrefix(lease.subnet, subnet))
}

/** The same, where there must be one before anything is done. */
export function ownLease(snapshot: ClusterSnapshot, name: HostName): Lease {
  const lease = leaseOf(snapshot, name)
  if (lease === undefined) throw new ScenarioError(`${name} has no lease to begin with`)
  return lease
}

function routeLines({ facts }: HostSnapshot, network: Prefix): readonly string[] {
  return factValue(facts.routes)
    .filter(({ table, link = '', destination, gateway }) => {
      if (table !== 'main') return false
      return isFlannelLink(link) || (gateway !== undefined && containsPrefix(network, destination))
    })
    .map(({ destination, gateway, link }) => {
      const via = gateway === undefined ? '' : ` via ${formatAddress(gateway)}`
      return `route ${formatPrefix(destination)}${via} dev ${link}`
    })
}

function linkLines({ facts }: HostSnapshot): readonly string[] {
  const links = factValue(facts.links).filter(({ name }) => isFlannelLink(name))
  const addresses = factValue(facts.addresses).filter(
    ({ link, family }) => isFlannelLink(link) && family === 'inet',
  )
  return [
    ...links.map(({ name, mac = 'none', mtu }) => `link ${name} mac ${mac} mtu ${mtu}`),
    ...addresses.map(({ link, address, length }) => `address ${address}/${length} on ${link}`),
  ]
}

function forwardingLines({ facts }: HostSnapshot): readonly string[] {
  const neighbours = factValue(facts.neighbours).filter(
    ({ link, states }) => isFlannelLink(link) && states.includes('PERMANENT'),
  )
  const fdb = factValue(facts.fdb).filter(({ link, destination }) => isFlannelLink(link) && destination)
  return [
    ...neighbours.map(({ address, mac }) => `neighbour ${address} at ${mac}`),
    ...fdb.map(({ mac, destination }) => `FDB entry ${mac} to ${destination}`),
  ]
}

/** Rules that name the network or one of flannel's chains. */
export function ruleLines({ facts }: HostSnapshot, network: Prefix): readonly string[] {
  const name = formatPrefix(network)
  const rules = factValue(facts.iptables).rules.filter(
    ({ text }) => text.includes(name) || text.includes('FLANNEL-'),
  )
  const native = facts.nftables.known ? facts.nftables.value.rules : []
  const own = native.filter(({ table }) => table.startsWith('flannel-'))
  return [
    ...rules.map(({ table, text }) => `rule ${table} ${text}`),
    ...own.map(({ table, chain, expressions }) => `nft ${table} ${chain} ${JSON.stringify(expressions)}`),
  ]
}

/** Lines of the data path: links, addresses, routes, neighbours, FDB entries. */
export function pathLines(host: HostSnapshot, network: Prefix): readonly string[] {
  return [...linkLines(host), ...routeLines(host, network), ...forwardingLines(host)].toSorted()
}

/** What of `before` is not in `now`, as one clause; undefined when all is there. */
export function lostLines(before: readonly string[], now: readonly string[]): string | undefined {
  const lost = before.filter((line) => !now.includes(line))
  if (lost.length === 0) return undefined
  const more = lost.length > 3 ? ` and ${lost.length - 3} more` : ''
  return `${lost.slice(0, 3).join(', ')}${more}`
}
