/** What IPVS balances in the host's network: `/proc/net/ip_vs` (Linux `net/netfilter/ipvs/ip_vs_ctl.c`, `ip_vs_info_seq_show`). */
import type { Ipvs, IpvsDestination, IpvsService } from '../../../checks/model/ipvs.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

/** `TCP  0A60000A:0050 rr`; numbers are in the order of the network. */
const SERVICE = /^(TCP|UDP|SCTP) +([0-9A-F]{8}):([0-9A-F]{4}) (\S+)/
const DESTINATION = /^ +-> ([0-9A-F]{8}):([0-9A-F]{4}) +(\S+) +(\d+) /
/** Of IPv6, and of firewall marks, which kube-proxy does not use. */
const OTHER = /^(?:(?:TCP|UDP|SCTP) +\[|FWM +| +-> \[)/
const HEAD = /^(?:IP Virtual Server version |Prot LocalAddress:Port | {2}-> RemoteAddress:Port )/

const hex = (text = ''): number => Number.parseInt(text, 16)

function destination(line: string): IpvsDestination | undefined {
  const [, address, port, forward, weight] = DESTINATION.exec(line) ?? []
  if (forward === undefined) return undefined
  return { address: hex(address), port: hex(port), forward, weight: Number(weight) }
}

function service(line: string): Omit<IpvsService, 'destinations'> | undefined {
  const [, protocol, address, port, scheduler] = SERVICE.exec(line) ?? []
  if (protocol === undefined || scheduler === undefined) return undefined
  const kind = protocol.toLowerCase() as IpvsService['protocol']
  return { protocol: kind, address: hex(address), port: hex(port), scheduler }
}

/** The table; a problem where a line is none of its. */
function parseIpvs(text: string): Parsed<Ipvs> {
  const found: (IpvsService & { destinations: IpvsDestination[] })[] = []
  /** Where the next destination belongs; undefined below a service that is left out. */
  let open: IpvsDestination[] | undefined
  for (const line of text.split('\n')) {
    const [own, end] = [service(line), destination(line)]
    if (own !== undefined) {
      open = []
      found.push({ ...own, destinations: open })
    } else if (end !== undefined) open?.push(end)
    else if (OTHER.test(line)) open = line.startsWith(' ') ? open : undefined
    else if (line !== '' && !HEAD.test(line))
      return { problem: { why: 'unparsable', detail: `not a line of ip_vs: ${line.slice(0, 80)}` } }
  }
  return { value: found }
}

/** A kernel without IPVS has no such file. */
export const ipvs: FactCollector<'ipvs'> = {
  fact: 'ipvs',
  command: 'cat /proc/net/ip_vs',
  isRecent: true,
  script: () => '[ ! -e /proc/net/ip_vs ] || cat /proc/net/ip_vs',
  parse: ({ stdout }) => parseIpvs(stdout),
}
