// IPv6 has packet filters of its own: flannel appends its accepts to FORWARD of ip6tables (pkg/trafficmngr/iptables/iptables.go,
// forwardRules), which hold against its policy only. Its tunnel is UDP over IPv6 where the lease has a public IPv6 address.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import type { ExpectedIpv6 } from '../expected/ipv6.ts'
import { ipv6Bridge } from '../expected/ipv6-ends.ts'
import { run } from '../heal/steps.ts'
import type { CommandStep } from '../heal-step.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { type Ipv6Loss, type Ipv6Packet, ipv6Loss } from '../trace/filter/ipv6-rules.ts'

type Code = 'forward-dropped' | 'tunnel-dropped'

/** Peers whose packets are followed: rules of one peer's addresses are rare. */
const MOST_PEERS = 8

/** Packets of containers between the overlay and their bridge, both ways. */
function forwarded(
  { ipv6, externalLink }: ExpectedHost & { readonly ipv6: ExpectedIpv6 },
  addresses: readonly LinkAddress[],
): readonly Ipv6Packet[] {
  const bridge = ipv6Bridge(addresses, ipv6)
  const outer = ipv6.link?.name ?? externalLink?.name
  if (bridge === undefined || outer === undefined) return []
  const own = ipv6.subnet.network
  return ipv6.routes.slice(0, MOST_PEERS).flatMap(({ peer }): readonly Ipv6Packet[] => {
    const other = peer.lease.ipv6?.subnet.network ?? own
    const common = { hook: 'forward', protocol: 'icmpv6' } as const
    return [
      { ...common, inLink: outer, outLink: bridge, source: other, destination: own },
      { ...common, inLink: bridge, outLink: outer, source: own, destination: other },
    ]
  })
}

/** Packets of the tunnel as they come from peers, and as they leave. */
function tunnelled({
  ipv6,
  lease,
  externalLink,
  udpPort: port,
}: ExpectedHost & { readonly ipv6: ExpectedIpv6 }): readonly Ipv6Packet[] {
  const own = lease.ipv6?.publicIp
  const link = externalLink?.name
  if (own === undefined || link === undefined || port === undefined || ipv6.link === undefined) return []
  return ipv6.fdb.slice(0, MOST_PEERS).flatMap(({ destination: other }): readonly Ipv6Packet[] => {
    const common = { protocol: 'udp', port } as const
    return [
      { ...common, hook: 'input', inLink: link, source: other, destination: own },
      { ...common, hook: 'output', outLink: link, source: own, destination: other },
    ]
  })
}

const DELETE_RULE = run('nft delete rule {place...} handle {handle}', 'the rule is gone')

/** Of policies that of ip6tables has a command of its own. */
function policyHeal({ family, table, chain }: Ipv6Loss): readonly CommandStep[] {
  const isOfIptables = family === 'ip6' && table === 'filter'
  return isOfIptables
    ? [run(`ip6tables -P ${chain} ACCEPT`, 'IPv6 passes', `ip6tables -P ${chain} DROP`)]
    : []
}

function draftOf(code: Code, loss: Ipv6Loss): Draft<Code> {
  const { family, table, chain, handle, packets } = loss
  const place = `${family} ${table} ${chain}`
  const common = { code, expected: 'accepted', shownBy: 'nftables' } as const
  if (handle === undefined) {
    const data = { by: `the policy of ${place}`, place }
    return { ...common, object: named('chain', place), observed: 'policy drop', data, heal: policyHeal(loss) }
  }
  return {
    ...common,
    object: named('rule', `${place} handle ${handle}`),
    observed: packets === undefined ? 'dropped' : `dropped, ${packets} packets`,
    data: { by: `a rule of ${place} (handle ${handle})`, place, handle },
  }
}

/** One draft for each rule or policy that takes any of the packets. */
function drafts(code: Code, losses: readonly (Ipv6Loss | undefined)[]): readonly Draft<Code>[] {
  const found = losses.filter((loss) => loss !== undefined)
  const rules = new Map(found.map((one) => [JSON.stringify(one), one]))
  return [...rules.values()].map((loss) => draftOf(code, loss))
}

const AGAIN =
  'What writes it does so for IPv6 alone or forgot flannel there: let it accept the IPv6 network as it does that of IPv4'

export const check = defineHostCheck({
  id: 'netfilter/ipv6',
  title: 'Packet filters of IPv6',
  backends: ['vxlan', 'host-gw'],
  needs: ['nftables', 'addresses'],
  needsExpected: true,
  findings: {
    'forward-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{by} on {host} drops IPv6 packets between the overlay and the container bridge',
      fix: `${AGAIN}. See it: \`nft -a list chain {place}\`.`,
      heal: [DELETE_RULE],
      explains: [{ code: 'dataplane/ipv6-ping:lost', when: 'involves-host' }],
    },
    'tunnel-dropped': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{by} on {host} drops the tunnel packets of IPv6',
      fix: `${AGAIN}, and the UDP port of the tunnel. See it: \`nft -a list chain {place}\`.`,
      heal: [DELETE_RULE],
      explains: [{ code: 'dataplane/ipv6-ping:lost', when: 'involves-host' }],
    },
  },
  *evaluate({ facts: { nftables, addresses }, expected }): Generator<Draft<Code>> {
    const { ipv6 } = expected
    if (ipv6 === undefined) return
    const lossOf = (packet: Ipv6Packet): Ipv6Loss | undefined => ipv6Loss(nftables, packet)
    yield* drafts('forward-dropped', forwarded({ ...expected, ipv6 }, addresses).map(lossOf))
    yield* drafts('tunnel-dropped', tunnelled({ ...expected, ipv6 }).map(lossOf))
  },
})
