/** Whether a packet is in an ipset: every dimension of a member compared with its side of the packet. */
import type { Ipset, Ipsets } from '../../model/ipset.ts'
import { address, addressRange } from './iptables-value.ts'
import { any, type Condition, every, isProtocol, type Packet, portOf, type Truth, UNKNOWN } from './packet.ts'

type Side = 'src' | 'dst'

/** `tcp:80`, `80-90`, `icmp:echo-request`. */
function isPort(text: string, packet: Packet, side: Side): Truth {
  const [protocol = '', range] = text.includes(':') ? text.split(':') : [packet.protocol, text]
  if (!isProtocol(protocol, packet.protocol)) return false
  const port = portOf(packet, side === 'src' ? 'sourcePort' : 'destinationPort')
  if (port === undefined) return 'unknown'
  const [first = '', last = first] = (range ?? '').split('-')
  return port >= Number(first) && port <= Number(last)
}

/** An address, network or range of either family. */
function isAt(text: string, side: 'source' | 'destination'): Condition {
  return text.includes('-') ? addressRange(side)(text) : address(side)(text)
}

function isPart(kind: string, text: string, at: { packet: Packet; side: Side }): Truth {
  const { packet, side } = at
  switch (kind) {
    case 'ip':
    case 'net':
      return isAt(text, side === 'src' ? 'source' : 'destination')(packet, 0)
    case 'port':
      return isPort(text, packet, side)
    case 'iface':
      return text === (side === 'src' ? packet.inLink : packet.outLink)
    default:
      return 'unknown'
  }
}

function isIn(set: Ipset, sides: readonly Side[], packet: Packet): Truth {
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
