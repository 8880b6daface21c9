/**
 * Ports of containers that their host gives to others under a port of its own: DNAT rules, which Docker writes into its
 * chain DOCKER (moby `libnetwork/drivers/bridge/port_mapping_linux.go`) and the port mapping of CNI into CNI-DN chains.
 */
import { knownValue } from '../../expected/observed-host.ts'
import type { ConnectionProtocol } from '../../model/observation.ts'
import type { HostSnapshot } from '../../model/snapshot.ts'

export interface PublishedPort {
  readonly protocol: ConnectionProtocol
  /** The port of the host. */
  readonly hostPort: number
  /** Address and port of the container. */
  readonly address: string
  readonly port: number
}

/** Ports that are looked at per host. */
const MOST_PORTS = 24

function after(words: readonly string[], option: string): string {
  const at = words.indexOf(option)
  return at < 0 ? '' : (words[at + 1] ?? '')
}

function publishedBy(words: readonly string[]): PublishedPort | undefined {
  const protocol = after(words, '-p')
  const [, address, port] = /^([\d.]+):(\d+)$/.exec(after(words, '--to-destination')) ?? []
  const hostPort = Number(after(words, '--dport'))
  if ((protocol !== 'tcp' && protocol !== 'udp') || address === undefined || !(hostPort > 0)) return undefined
  return { protocol, hostPort, address, port: Number(port) }
}

/** What a host publishes, as its rules say. */
export function publishedPorts({ facts }: HostSnapshot): readonly PublishedPort[] {
  const rules = [facts.iptables, facts.iptablesLegacy].flatMap((fact) => knownValue(fact)?.rules ?? [])
  return rules
    .filter(({ table, words }) => table === 'nat' && words.includes('DNAT'))
    .flatMap(({ words }) => publishedBy(words) ?? [])
    .slice(0, MOST_PORTS)
}
