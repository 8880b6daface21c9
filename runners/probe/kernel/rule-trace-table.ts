/** The nft table that marks our probe for tracing, made of numbers only. */
import { PROTOCOL } from '../capture/decode-transport.ts'
import { SYSTEM_PATH } from '../own/guarded-command.ts'
import { NAME_PREFIX, PROBES_DIR } from '../own/probe-token.ts'
import type { TracedProbe } from './rule-trace.ts'

/** Before connection tracking's defragmentation (-400) and everything else (include/uapi/linux/netfilter_ipv4.h). */
const FIRST = -450
const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
/** Octets from the UDP header to the inner IPv4 header: VXLAN and Ethernet, or nothing, behind UDP's 8. */
const INNER_IP = { vxlan: 8 + 8 + 14, udp: 8 } as const
const PROTOCOL_AT = 9
const [SOURCE_AT, DESTINATION_AT] = [12, 16]

function number(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 65_536) return value
  throw new RangeError(`${value} is neither a port nor an ICMP identifier`)
}

function addressNumber(address: string): string {
  const octets = IPV4.exec(address)?.slice(1).map(Number) ?? []
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) {
    throw new TypeError(`${address} is not an IPv4 address`)
  }
  return `0x${octets.map((octet) => octet.toString(16).padStart(2, '0')).join('')}`
}

/** Matches the tunnel's packets with our probe inside by their octets, counted in bits from the UDP header. */
function tunnelRules(probe: TracedProbe): readonly string[] {
  const address = addressNumber(probe.to)
  return (['vxlan', 'udp'] as const).flatMap((kind) =>
    probe.ports[kind].flatMap((port) =>
      [SOURCE_AT, DESTINATION_AT].map((at) => {
        const inner = INNER_IP[kind]
        const isOurs = `@th,${(inner + PROTOCOL_AT) * 8},8 ${PROTOCOL[probe.packet?.protocol ?? 'icmp']}`
        return `udp dport ${number(port)} ${isOurs} @th,${(inner + at) * 8},32 ${address} meta nftrace set 1`
      }),
    ),
  )
}

/** The packets of either direction outside the tunnel. */
function bareRules(id: number, { to, packet }: TracedProbe): readonly string[] {
  if (packet === undefined)
    return [
      `icmp type echo-request icmp id ${id} ip daddr ${to} meta nftrace set 1`,
      `icmp type echo-reply icmp id ${id} ip saddr ${to} meta nftrace set 1`,
    ]
  const [own, other] = [number(packet.sourcePort), number(packet.destinationPort)]
  const { protocol } = packet
  return [
    `ip daddr ${to} ${protocol} sport ${own} ${protocol} dport ${other} meta nftrace set 1`,
    `ip saddr ${to} ${protocol} sport ${other} ${protocol} dport ${own} meta nftrace set 1`,
  ]
}

/**
 * Script that writes down the network it runs in and makes the table there. Throws TypeError or RangeError for
 * what is no address, port or identifier.
 */
export function traceTableScript(token: string, probe: TracedProbe, control: number): string {
  const id = number(probe.id)
  addressNumber(probe.to) // refuses what is none before it is written
  const rules = [...bareRules(id, probe), ...tunnelRules(probe)]
  const chain = (hook: string, lines: readonly string[]): string =>
    `chain ${hook} { type filter hook ${hook} priority ${FIRST}; policy accept;\n${lines.join('\n')}\n}`
  const controlRule = `oif lo icmp type echo-request icmp id ${number(control)} meta nftrace set 1`
  return `PATH=${SYSTEM_PATH}
{ mkdir -p ${PROBES_DIR}/${token} || mkdir -p ${PROBES_DIR}/${token}; } && stat -L -c %i /proc/self/ns/net >>${PROBES_DIR}/${token}/networks || exit 1
exec nft -f - <<'TABLE'
table ip ${NAME_PREFIX}${token} {
${chain('prerouting', rules)}
${chain('output', [controlRule, ...rules])}
}
TABLE
`
}
