// The second family has a VTEP of its own, flannel-v6.VNI, with the first address of the IPv6 podCIDR as /128, a MAC that the
// node publishes in backend-v6-data, and a line of its own in subnet.env (`pkg/backend/vxlan/vxlan.go`, `RegisterNetwork`,
// `pkg/subnet/subnet.go`, `WriteSubnetFile`; v0.15.0 and later). Up to v0.25.1 a restart gave it another MAC.
import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { type Ipv6Prefix, parseIpv6Prefix } from '../model/ipv6.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { SubnetEnv } from '../model/subnet-env.ts'

type Code = 'missing' | 'wrong-address' | 'wrong-mac' | 'subnet-env-differs'

const RESTART =
  'Restart flanneld on {host}; it makes the link and its file anew. Pods that were made before keep their addresses.'

function ipv6Of({ address, length }: LinkAddress): Ipv6Prefix | undefined {
  return parseIpv6Prefix(`${address}/${length}`)
}

/** FLANNEL_IPV6_SUBNET; undefined where the file has none that can be read. */
function subnetOf({ otherLines }: SubnetEnv): Ipv6Prefix | undefined {
  const texts = otherLines.flatMap((line) => /^FLANNEL_IPV6_SUBNET=["']?([^"']*)/.exec(line)?.[1] ?? [])
  return texts.map(parseIpv6Prefix).find((one) => one !== undefined)
}

/** VtepMAC of backend-v6-data. */
function publishedMac(text = ''): string | undefined {
  return /"VtepMAC":"([0-9a-f:]{17})"/i.exec(text)?.[1]?.toLowerCase()
}

export const check = defineHostCheck({
  id: 'link/ipv6-vtep',
  title: 'VTEP of IPv6',
  backends: ['vxlan'],
  needs: ['kubernetes', 'config', 'links', 'addresses', 'subnetEnv'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{host} has no link {expected}: nothing enters or leaves the overlay of IPv6 here',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
    },
    'wrong-address': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{link} on {host} has not the address {expected} of its IPv6 podCIDR, but {observed}',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
    },
    'wrong-mac': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{link} on {host} has MAC {observed}, its node says {expected}: this host ignores what every peer sends it by IPv6',
      fix: 'Restart flanneld on {host}; it publishes the MAC again. Keep udev and NetworkManager off the link (a .link file with MACAddressPolicy=none).',
      heal: [RESTART_FLANNELD],
    },
    'subnet-env-differs': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'FLANNEL_IPV6_SUBNET on {host} is {observed}, its IPv6 podCIDR {expected}: new pods get no IPv6 address that is routed to them',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ host, facts, cluster: { snapshot } }): Generator<Draft<Code>> {
    const { config, links, addresses, subnetEnv } = facts
    const node = clusterIdentity(snapshot).nodeByHost.get(host)
    const subnet = node?.podCidrs.map(parseIpv6Prefix).find((one) => one !== undefined)
    if (!config.enableIpv6 || node?.annotations.managed !== 'true' || subnet === undefined) return
    const name = `flannel-v6.${config.vni}`
    const link = links.find((one) => one.name === name)
    const about = { object: named('link', name), data: { link: name } }
    if (link === undefined) yield { code: 'missing', ...about, expected: name, observed: 'no such link' }
    else {
      const own = addresses.filter((one) => one.link === name)
      yield* wrongLink(link, { own, subnet, published: publishedMac(node.annotations.backendV6Data) })
    }
    yield* wrongFile(subnetEnv, subnet)
  },
})

/** What of the link is not as its node says. */
function* wrongLink(
  { name, mac }: Link,
  {
    own,
    subnet,
    published,
  }: {
    readonly own: readonly LinkAddress[]
    readonly subnet: Ipv6Prefix
    readonly published: string | undefined
  },
): Generator<Draft<Code>> {
  const about = { object: named('link', name), data: { link: name } }
  const has = own.filter(({ scope }) => scope === 'global').flatMap((one) => ipv6Of(one) ?? [])
  if (!has.some(({ address, length }) => address === subnet.network && length === 128)) {
    const observed = has.map(({ address, length }) => `${address}/${length}`).join(', ') || 'none'
    yield { code: 'wrong-address', ...about, expected: `${subnet.network}/128`, observed }
  }
  if (published !== undefined && mac !== undefined && published !== mac)
    yield { code: 'wrong-mac', ...about, expected: published, observed: mac }
}

/** What subnet.env says of the second family. */
function* wrongFile(subnetEnv: SubnetEnv, subnet: Ipv6Prefix): Generator<Draft<Code>> {
  const file = subnetOf(subnetEnv)
  if (file?.network === subnet.network && file.length === subnet.length) return
  const observed = file === undefined ? 'missing' : `${file.network}/${file.length}`
  const expected = `${subnet.network}/${subnet.length}`
  yield {
    code: 'subnet-env-differs',
    object: 'FLANNEL_IPV6_SUBNET',
    expected,
    observed,
    shownBy: 'subnetEnv',
  }
}
