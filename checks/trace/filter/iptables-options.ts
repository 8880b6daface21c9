/** The options of iptables matches (iptables-extensions(8)) as conditions. */
import {
  address,
  addressRange,
  addressType,
  connmark,
  type FromValue,
  icmpType,
  icmpv6Type,
  inRange,
  link,
  mark,
  owner,
  ports,
  probability,
  protocol,
  state,
  tcpFlags,
  ttl,
} from './iptables-value.ts'
import { CHANCE, type Condition, hasConnection, UNKNOWN } from './packet.ts'

const always: FromValue = () => () => true
const never: FromValue = () => () => false

/**
 * Options that take one value, by the module they belong to where the name alone is ambiguous. A limit is not
 * reached by one packet; nothing that comes over a network belongs to a helper.
 */
export const OPTIONS: Readonly<Record<string, FromValue>> = {
  '-s': address('source'),
  '-d': address('destination'),
  '-i': link('inLink'),
  '-o': link('outLink'),
  '-p': protocol,
  '--sport': ports('sourcePort'),
  '--dport': ports('destinationPort'),
  '--sports': ports('sourcePort'),
  '--dports': ports('destinationPort'),
  '--ports': ports('sourcePort', 'destinationPort'),
  '--src-range': addressRange('source'),
  '--dst-range': addressRange('destination'),
  '--ctstate': state,
  '--state': state,
  '--ctproto': protocol,
  '--ctdir': (value) => (packet) =>
    hasConnection(packet) && (packet.state === 'ESTABLISHED') === (value === 'REPLY'),
  '--ctstatus': (value) => (packet) =>
    value === 'NONE'
      ? packet.state !== 'ESTABLISHED'
      : value === 'SEEN_REPLY'
        ? packet.state === 'ESTABLISHED'
        : 'unknown',
  'mark --mark': mark,
  'connmark --mark': connmark,
  '--src-type': addressType('source'),
  '--dst-type': addressType('destination'),
  '--comment': always,
  '--icmp-type': icmpType,
  '--icmpv6-type': icmpv6Type,
  '--length': inRange(({ size }) => size),
  'ttl --ttl-eq': ttl((seen, wanted) => seen === wanted),
  'ttl --ttl-lt': ttl((seen, wanted) => seen < wanted),
  'ttl --ttl-gt': ttl((seen, wanted) => seen > wanted),
  '--hl-eq': ttl((seen, wanted) => seen === wanted),
  '--hl-lt': ttl((seen, wanted) => seen < wanted),
  '--hl-gt': ttl((seen, wanted) => seen > wanted),
  '--limit': always,
  '--limit-burst': always,
  '--hashlimit-upto': always,
  '--hashlimit-above': never,
  '--hashlimit-burst': always,
  '--hashlimit-mode': always,
  '--hashlimit-name': always,
  '--hashlimit-srcmask': always,
  '--hashlimit-dstmask': always,
  '--hashlimit-htable-size': always,
  '--hashlimit-htable-max': always,
  '--hashlimit-htable-expire': always,
  '--hashlimit-htable-gcinterval': always,
  'statistic --mode': always,
  'statistic --probability': probability,
  'statistic --every': (value) => (value === '1' ? () => true : UNKNOWN),
  'statistic --packet': always,
  '--physdev-in': link('inPort'),
  '--physdev-out': link('outPort'),
  '--pkt-type': (value) => () => value === 'unicast',
  'dscp --dscp': (value) => () => Number(value) === 0,
  'tos --tos': (value) => () => Number(value.split('/')[0]) === 0,
  'policy --dir': always,
  'policy --pol': (value) => () => value === 'none',
  '--uid-owner': owner('uid'),
  '--gid-owner': owner('gid'),
  '--helper': never,
  // Nothing of a ping or of the first packet of a connection has letters in it.
  'string --string': (value) => (/[A-Za-z]/.test(value) ? () => false : UNKNOWN),
  'string --algo': always,
  'string --from': always,
  'string --to': always,
  '--nfacct-name': always,
  // `--set` writes the client down; whether it is written down is nowhere in the rules.
  'recent --name': always,
  'recent --seconds': always,
  'recent --hitcount': always,
  'recent --mask': always,
}

/** Options without a value. */
export const FLAGS: Readonly<Record<string, Condition>> = {
  '-f': () => false,
  '--syn': tcpFlags('FIN,SYN,RST,ACK', 'SYN'),
  '--physdev-is-bridged': ({ inPort, outPort }) => inPort !== undefined && outPort !== undefined,
  '--physdev-is-in': ({ inPort }) => inPort !== undefined,
  '--physdev-is-out': ({ outPort }) => outPort !== undefined,
  '--socket-exists': ({ socket }) => socket !== undefined,
  '--ipvs': () => false,
  '--set': () => true,
  '--rcheck': CHANCE,
  '--update': CHANCE,
  '--reap': () => true,
  '--rttl': () => true,
  '--rsource': () => true,
  '--rdest': () => true,
}

/** Modules whose options above are all they match on; any other module makes the rule uncertain. */
export const FOLLOWED_MODULES: ReadonlySet<string> = new Set([
  'addrtype',
  'comment',
  'connmark',
  'conntrack',
  'dscp',
  'hashlimit',
  'helper',
  'hl',
  'icmp',
  'icmp6',
  'iprange',
  'ipvs',
  'length',
  'limit',
  'mark',
  'multiport',
  'nfacct',
  'owner',
  'physdev',
  'pkttype',
  'policy',
  'recent',
  'rpfilter',
  'set',
  'state',
  'statistic',
  'string',
  'tcp',
  'tos',
  'ttl',
  'udp',
])

/** `-m rpfilter`: true for a packet whose way back leads out by the link it came in on. */
export function reversePath(isLoose: boolean): Condition {
  return ({ inLink, wayBack }) => {
    const link = wayBack === undefined ? 'unknown' : wayBack()
    if (link === 'unknown') return 'unknown'
    return isLoose ? link !== undefined : link === inLink
  }
}
