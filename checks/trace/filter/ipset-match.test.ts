/** Packets of either family and sets as ipset(8) saves them. */
import test from 'ava'
import { ipsets } from '../../../runners/collect/facts/ipsets.ts'
import { parsedValue } from '../../../runners/collect/saved/recorded-section.ts'
import { parseAddress } from '../../model/address.ts'
import { inIpset } from './ipset-match.ts'
import type { Packet } from './packet.ts'

const SETS = parsedValue(
  ipsets,
  `create six hash:net family inet6 hashsize 1024
add six fd00:5:0:2::/63
add six fd00:5:0:2::/64 nomatch
create four hash:ip family inet
add four 10.5.2.2
create ports hash:ip,port family inet6
add ports fd00:5:0:3::2,tcp:80
add ports fd00:5:0:3::3,ipv6-icmp:echo-request
create all list:set size 8
add all six
add all four
`,
)

const none = { state: 'NEW', localAddresses: new Set<number>() } as const
const NOBODY = { ...none, source: 0, destination: 0 } as const

/** An echo request of IPv6 to an address. */
function six(destination: string, more: Partial<Packet> = {}): Packet {
  return { ...NOBODY, ipv6: { source: 'fd00::1', destination }, protocol: 'icmpv6', icmpType: 128, ...more }
}

const four: Packet = {
  ...NOBODY,
  destination: parseAddress('10.5.2.2') ?? 0,
  protocol: 'icmp',
  icmpType: 8,
}
const web = { protocol: 'tcp', sourcePort: 50_000, destinationPort: 80 } as const

const TABLE = [
  ['an address of a network', 'six', six('fd00:5:0:3::2'), true],
  ['but for a part of it', 'six', six('fd00:5:0:2::2'), false],
  ['another one', 'six', six('fd00:5:0:4::2'), false],
  ['an IPv4 packet and a set of IPv6', 'six', four, false],
  ['an IPv6 packet and a set of IPv4', 'four', six('fd00:5:0:3::2'), false],
  ['a set of both', 'all', six('fd00:5:0:3::2'), true],
  ['a set of both, by IPv4', 'all', four, true],
  ['a port', 'ports', six('fd00:5:0:3::2', web), true],
  ['another port', 'ports', six('fd00:5:0:3::2', { ...web, destinationPort: 81 }), false],
  ['a type of ICMP, which is not followed', 'ports', six('fd00:5:0:3::3'), 'unknown'],
] as const

for (const [name, set, packet, expected] of TABLE)
  test(name, (t) => {
    t.is(inIpset(set, 'dst,dst', SETS)(packet, 0), expected)
  })
