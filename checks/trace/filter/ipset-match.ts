/** Whether a packet is in an ipset: every dimension of a member compared with its side of the packet. */
import { containsAddress, parseAddress, parsePrefix } from '../../model/address.ts'
import type { Ipset, Ipsets } from '../../model/ipset.ts'
import { any, type Condition, every, type Packet, portOf, type Truth, UNKNOWN } from './packet.ts'

type Side = 'src' | 'dst'

function isInAddress(text: string, address: number): Truth {
  if (text.includes('-')) {
    const [first, last] = text.split('-').map(parseAddress)
    return first === undefined || last === undefined ? 'unknown' : address >= first && address <= last
  }
  const prefix = parsePrefix(text)
  return prefix === undefined ? 'unknown' : containsAddress(prefix, address)
}

/** `tcp:80`, `80-90`, `icmp:echo-request`. */
function isPort(text: string, packet: Packet, side: Side): Truth {
  const [protocol, range] = text.includes(':') ? text.split(':') : [packet.protocol, text]
  if (protocol !== packet.protocol) return false
  const port = portOf(packet, side === 'src' ? 'sourcePort' : 'destinationPort')
  if (port === undefined) return 'unknown'
  const [first = '', last = first] = (range ?? '').split('-')
  return port >= Number(first) && port <= Number(last)
}

function isPart(kind: string, text: string, at: { packet: Packet; side: Side }): Truth {
  const { packet, side } = at
  switch (kind) {
    case 'ip':
    case 'net':
      return isInAddress(text, side === 'src' ? packet.source : packet.destination)
    case 'port':
      return isPort(text, packet, side)
    case 'iface':
      return text === (side === 'src' ? packet.inLink : packet.outLink)
    default:
      return 'unknown'
  }
}

function isIn(set: Ipset, sides: readonly Side[], packet: Packet): Truth {
  if (packet.ipv6) return 'unknown'
  const kinds = (set.type.split(':')[1] ?? '').split(',')
  const among = (isException: boolean): Truth =>
    any(
      set.members
        .filter((member) => member.isException === isException)
        .map(({ parts }) =>
          every(kinds.map((kind, at) => isPart(kind, parts[at] ?? '', { packet, side: sides[at] ?? 'src' }))),
        ),
    )
  const found = among(false)
  return found === true && among(true) !== false ? (among(true) === true ? false : 'unknown') : found
}

/** `-m set --match-set NAME src,dst`; of a set that was not read nothing can be told. */
export function inIpset(name: string, flags: string, sets: Ipsets | undefined): Condition {
  const set = sets?.get(name)
  if (set === undefined) return UNKNOWN
  const sides = flags.split(',').map((flag): Side => (flag === 'dst' ? 'dst' : 'src'))
  if (set.type !== 'list:set') return (packet) => isIn(set, sides, packet)
  const members = set.members.map(({ parts: [member = ''] }) => inIpset(member, flags, sets))
  return (packet, mark) => any(members.map((member) => member(packet, mark)))
}
