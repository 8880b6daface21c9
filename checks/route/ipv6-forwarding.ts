// The kernel forwards IPv6 packets only while net.ipv6.conf.all.forwarding is 1 (Linux net/ipv6/ip6_output.c, ip6_forward);
// since 6.17 a link may do so by itself (force_forwarding). A link with disable_ipv6 has neither addresses nor routes and drops
// what arrives (net/ipv6/ip6_input.c, ip6_rcv_core). flannel writes neither setting.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import type { ExpectedIpv6 } from '../expected/ipv6.ts'
import { ipv6Bridge, lengthOnLink } from '../expected/ipv6-ends.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { isInIpv6 } from '../model/ipv6.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { Sysctls } from '../model/sysctl.ts'

type Code = 'off' | 'disabled'

/** Links with an address of the own IPv6 subnet: the container bridge, and the VTEP. */
function linksOf(addresses: readonly LinkAddress[], { subnet, link }: ExpectedIpv6): ReadonlySet<string> {
  const own = addresses.filter(({ address }) => isInIpv6(address, subnet))
  return new Set([...own.map((one) => one.link), ...(link ? [link.name] : [])])
}

/** With a public IPv6 address peers are reached by the external link. */
function externalOf({ lease, externalLink }: ExpectedHost): readonly string[] {
  return lease.ipv6?.publicIp === undefined || externalLink === undefined ? [] : [externalLink.name]
}

const TAKES_IPV6 = run('sysctl -w {setting}=0', '{link} takes IPv6 again', 'sysctl -w {setting}=1')
const ADDRESS = run(
  'ip -6 addr add {address}/{length} dev {link}',
  '{link} has the address of the lease again',
)

const NAME = 'net.ipv6.conf.all.forwarding'

function ipv6Setting(settings: Sysctls, link: string, key: string): string | undefined {
  return settings.get(`net.ipv6.conf.${link}.${key}`)
}

export const check = defineHostCheck({
  id: 'route/ipv6-forwarding',
  title: 'Forwarding of IPv6',
  backends: ['vxlan', 'host-gw'],
  needs: ['ipv6', 'addresses'],
  needsExpected: true,
  findings: {
    off: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} forwards no IPv6 packets ({setting} is 0): its containers neither send nor get any by IPv6',
      fix: 'Run `sysctl -w {setting}=1` on {host}, and keep it in /etc/sysctl.d: what sets it to 0 is a file there, or a network service that takes the host for none that routes.',
      heal: [run('sysctl -w {setting}=1', 'the host forwards IPv6', 'sysctl -w {setting}=0')],
    },
    disabled: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'IPv6 is switched off on {link} of {host} ({setting} is 1): the link has no IPv6 address, and no IPv6 packet passes it',
      fix: 'Run `sysctl -w {setting}=0` on {host}, then restart flanneld: address and routes went with it.',
      heal: [TAKES_IPV6, RESTART_FLANNELD],
      explains: [
        { code: 'underlay/ipv6-public-ip:not-on-host', when: 'same-host' },
        { code: 'underlay/ipv6-route:*', when: 'same-host' },
        { code: 'link/ipv6-vtep:wrong-address', when: 'same-host' },
        { code: 'route/ipv6-peer-subnet:*', when: 'same-host' },
        { code: 'neighbour/peer-vtep:missing', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { ipv6, addresses }, expected, cluster: { snapshot } }): Generator<Draft<Code>> {
    if (expected.ipv6 === undefined) return
    const { settings } = ipv6
    const links = linksOf(addresses, expected.ipv6)
    const bridge = ipv6Bridge(addresses, expected.ipv6)
    const isForced = [...links].some((link) => ipv6Setting(settings, link, 'force_forwarding') === '1')
    if (settings.get(NAME) === '0' && !isForced)
      yield { code: 'off', ...setting(NAME, '1', '0'), ...(bridge === undefined && { effect: 'risk' }) }
    for (const link of [...links, ...externalOf(expected)]) {
      const name = `net.ipv6.conf.${link.replaceAll('.', '/')}.disable_ipv6`
      if (ipv6Setting(settings, link, 'disable_ipv6') !== '1') continue
      const { data, ...about } = setting(name, '0', '1')
      const taken = links.has(link) ? {} : givenBack(expected, snapshot)
      yield { code: 'disabled', ...about, ...taken, data: { ...data, link, ...taken.data } }
    }
  },
})

/** Addresses by hand do not come back by themselves; flanneld does not start without any. */
function givenBack(
  { ipv6, lease }: ExpectedHost,
  snapshot: ClusterSnapshot,
): { readonly heal?: readonly HealStep[]; readonly data?: Readonly<Record<string, string | number>> } {
  const address = lease.ipv6?.publicIp
  const length = address && ipv6 && lengthOnLink(address, ipv6, snapshot)
  if (address === undefined || length === undefined) return { heal: [TAKES_IPV6] }
  return { heal: [TAKES_IPV6, ADDRESS, RESTART_FLANNELD], data: { address, length } }
}

function setting(name: string, expected: string, observed: string) {
  return {
    object: named('sysctl', name),
    expected,
    observed,
    data: { setting: name },
    shownBy: 'ipv6' as const,
  }
}
