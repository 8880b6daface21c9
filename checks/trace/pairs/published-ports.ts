/**
 * Ports of containers that their host gives to others under a port of its own: DNAT rules, which Docker writes into its
 * chain DOCKER (moby `libnetwork/drivers/bridge/port_mapping_linux.go`), with nftables into its table docker-bridges, and
 * the port mapping of CNI into CNI-DN chains (containernetworking/plugins `plugins/meta/portmap`).
 */
import { formatAddress, parseAddress } from '../../model/address.ts'
import type { ConnectionProtocol } from '../../model/observation.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import { hostFilters } from '../filter/host-filters.ts'
import { type LosingRule, ruleAt } from '../filter/losing-rule.ts'
import type { FilterRule, FilterTable } from '../filter/rule.ts'

/** A DNAT rule for one port of a host. */
export interface PublishedPort {
  readonly protocol: ConnectionProtocol
  /** The port of the host. */
  readonly hostPort: number
  /** The address of the host that is asked, where the rule names one. */
  readonly asked?: number
  /** Address and port of the container. */
  readonly address: string
  readonly port: number
  /** As its tool names it, and as it is asked for packets. */
  readonly rule: LosingRule
  readonly compiled: FilterRule
  readonly chain: string
  readonly table: FilterTable
}

/** Ports that are looked at per host. */
const MOST_PORTS = 24

/** Who has the protocol and the port in the words of iptables, or in those of nft; ranges and negations are none. */
const PORT = /(?<!! )--dport (\d+)(?![:\d])|\b(?:tcp|udp) dport (\d+)\b/
const PROTOCOL = /(?<!! )-p (tcp|udp)\b|\b(tcp|udp) dport /
const ASKED = /(?<!! )-d ([\d.]+)(?:\/32)?(?= )|\bip daddr ([\d.]+)(?= )/

function found(text: string, form: RegExp): string | undefined {
  const [, inWords, inNft] = form.exec(text) ?? []
  return inWords ?? inNft
}

/** Rules of services are kube-proxy's, and others judge them. */
const OF_SERVICES = /^KUBE-/

function publishedBy(table: FilterTable, chain: string, compiled: FilterRule): PublishedPort | undefined {
  const to = compiled.actions.find((one) => one.kind === 'translate')
  if (to?.side !== 'destination' || to.address === undefined) return undefined
  const protocol = found(compiled.text, PROTOCOL)
  const hostPort = Number(found(compiled.text, PORT))
  if ((protocol !== 'tcp' && protocol !== 'udp') || !(hostPort > 0)) return undefined
  const rule = ruleAt({ table }, compiled, chain)
  const asked = parseAddress(found(compiled.text, ASKED) ?? '')
  const [address, port] = [formatAddress(to.address), to.port ?? hostPort]
  return { protocol, hostPort, address, port, rule, compiled, chain, table, ...present({ asked }) }
}

/** What a host publishes, as its rules say. */
export function publishedPorts(snapshot: ClusterSnapshot, host: HostName): readonly PublishedPort[] {
  return hostFilters(snapshot, host)
    .tables.flatMap((table) =>
      [...table.chains.values()].flatMap(({ name, rules }) =>
        OF_SERVICES.test(name) ? [] : rules.flatMap((rule) => publishedBy(table, name, rule) ?? []),
      ),
    )
    .slice(0, MOST_PORTS)
}
