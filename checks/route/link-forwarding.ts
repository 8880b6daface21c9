// A link forwards what it receives only if its own conf.LINK.forwarding is 1, whatever ip_forward
// says (Linux net/ipv4/route.c, ip_route_input_slow, IN_DEV_FORWARD). A link made while
// conf.default.forwarding is 0 starts with 0; systemd-networkd sets it on links it manages.

import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { run } from '../heal/steps.ts'
import { containsPrefix, maskPrefix } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { linkSetting, linkSettingName } from '../trace/lookup/link-setting.ts'

/** Links on which packets arrive that must be forwarded: from peers, and from the own containers. */
function receivingLinks(expected: ExpectedHost, addresses: readonly LinkAddress[]): Set<string> {
  const subnet = maskPrefix(expected.lease.subnet)
  const bridges = addresses.filter(
    ({ prefix, scope }) => prefix && scope !== 'host' && containsPrefix(subnet, prefix),
  )
  const names = new Set(expected.link ? [expected.link.name] : [])
  // Of a thousand routes nearly all lead over the link of the one before.
  let last: string | undefined
  for (const { link } of expected.routes) {
    if (link !== last) names.add(link)
    last = link
  }
  for (const { link } of bridges) names.add(link)
  return names
}

export const check = defineHostCheck({
  id: 'route/link-forwarding',
  title: 'Forwarding of each link on the path',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['sysctls', 'links', 'addresses'],
  needsExpected: true,
  findings: {
    disabled: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} forwards nothing that arrives on {link} ({setting} is {observed}) although ip_forward is on',
      fix: 'Run `sysctl -w {setting}=1` on {host}; if systemd-networkd manages {link}, set IPv4Forwarding=yes or leave the link unmanaged.',
      heal: [
        run('sysctl -w {setting}=1', 'the host forwards what arrives on {link}', 'sysctl -w {setting}=0'),
      ],
    },
  },
  *evaluate({ facts, expected }) {
    // With ip_forward off every link is off: route/forwarding says so once.
    if (facts.sysctls.get('net.ipv4.ip_forward') === '0') return
    const present = new Set(facts.links.map(({ name }) => name))
    for (const link of receivingLinks(expected, facts.addresses)) {
      if (!present.has(link)) continue
      const setting = linkSettingName(link, 'forwarding')
      const observed = linkSetting(facts.sysctls, link, 'forwarding')
      if (observed === undefined) yield { unsure: `${setting} was not read` }
      if (observed !== '0') continue
      yield {
        code: 'disabled',
        object: named('sysctl', setting),
        expected: '1',
        observed,
        data: { link, setting },
      }
    }
  },
})
