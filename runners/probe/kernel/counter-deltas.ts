/** Which counters grew between two readings, and of those the ones that tell where a packet died. */
import type { CountedRule, CounterDelta } from '../../../checks/model/trace-observation.ts'
import type { Counters } from './counters.ts'

/**
 * Counters that stand still on a healthy path. Sources: net/ipv4/proc.c and Documentation/networking/snmp_counter.rst;
 * which fault moves which was measured with real flanneld in namespaces.
 */
const TELLING_PROTOCOLS: ReadonlySet<string> = new Set([
  'Ip.InAddrErrors',
  'Ip.InHdrErrors',
  'Ip.InDiscards',
  'Ip.OutDiscards',
  'Ip.OutNoRoutes',
  'Ip.FragFails',
  'Ip.ReasmFails',
  'IpExt.InNoRoutes',
  'IpExt.InTruncatedPkts',
  'IpExt.InCsumErrors',
  'TcpExt.IPReversePathFilter',
  'Udp.NoPorts',
  'Udp.InErrors',
  'Udp.InCsumErrors',
  'Udp.RcvbufErrors',
  'Udp.SndbufErrors',
  'Icmp.InDestUnreachs',
  'Icmp.OutDestUnreachs',
  'Icmp.InCsumErrors',
])

const TELLING_LINK =
  /^(rx|tx)\.(errors|dropped|otherhost|carrier_errors|crc_errors|missed_errors|over_errors)$/
const LOSING_TARGETS: ReadonlySet<string> = new Set(['DROP', 'REJECT'])

function protocolDeltas(before: Counters, after: Counters): readonly CounterDelta[] {
  return [...after.protocols].flatMap(([name, value]) => {
    const by = value - (before.protocols.get(name) ?? value)
    return by > 0 && TELLING_PROTOCOLS.has(name) ? [{ kind: 'protocol', name, by } as const] : []
  })
}

/** `ip` prints otherhost only when it is not zero, so a link's missing counter was zero before. */
function linkDeltas(before: Counters, after: Counters): readonly CounterDelta[] {
  return [...after.links].flatMap(([link, counters]) => {
    const earlier = before.links.get(link)
    if (earlier === undefined) return []
    return [...counters].flatMap(([name, value]) => {
      const by = value - (earlier.get(name) ?? 0)
      return by > 0 && TELLING_LINK.test(name) ? [{ kind: 'link', link, name, by } as const] : []
    })
  })
}

const identityOf = ({ backend, table, chain, rule, target }: CountedRule): string =>
  JSON.stringify([backend, table, chain, rule ?? `policy ${target}`])

/** Of the same rule written twice in a chain each takes its own count, in their order. */
function ruleDeltas(before: Counters, after: Counters): readonly CounterDelta[] {
  const earlier = new Map<string, number[]>()
  for (const rule of before.rules) {
    const key = identityOf(rule)
    earlier.set(key, [...(earlier.get(key) ?? []), rule.packets])
  }
  return after.rules.flatMap((rule) => {
    const packets = earlier.get(identityOf(rule))?.shift()
    if (packets === undefined || !LOSING_TARGETS.has(rule.target ?? '')) return []
    const by = rule.packets - packets
    return by > 0 ? [{ kind: 'rule', rule, by } as const] : []
  })
}

/**
 * The telling counters that grew: errors and drops of protocols and links, and rules and policies that end a
 * packet's way. What cannot be compared (a link or rule that was not there before) is left out.
 */
export function counterDeltas(before: Counters, after: Counters): readonly CounterDelta[] {
  return [...protocolDeltas(before, after), ...linkDeltas(before, after), ...ruleDeltas(before, after)]
}
