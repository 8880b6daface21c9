// The second family has a VTEP of its own, flannel-v6.VNI, with the first address of the IPv6 subnet as /128, a MAC that the
// lease publishes in BackendV6Data (backend-v6-data of a node), and a line of its own in subnet.env (`pkg/backend/vxlan/vxlan.go`, `RegisterNetwork`,
// `pkg/subnet/subnet.go`, `WriteSubnetFile`; v0.15.0 and later). Up to v0.25.1 a restart gave it another MAC.
import type { Draft, Explains } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { type Ipv6Prefix, parseIpv6Prefix } from '../model/ipv6.ts'
import { isUp, type Link, type LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { SubnetEnv } from '../model/subnet-env.ts'

type Code = 'missing' | 'down' | 'wrong-address' | 'wrong-mac' | 'subnet-env-differs'

const RESTART =
  'Restart flanneld on {host}; it makes the link and its file anew. Pods that were made before keep their addresses.'

/** What goes with the link. */
const GONE = [
  { code: 'route/ipv6-peer-subnet:*', when: 'same-host' },
  { code: 'neighbour/peer-vtep:missing', when: 'same-host' },
  { code: 'fdb/peer-vtep:missing', when: 'same-host' },
] as const satisfies readonly Explains[]

function ipv6Of({ address, length }: LinkAddress): Ipv6Prefix | undefined {
  return parseIpv6Prefix(`${address}/${length}`)
}

/** FLANNEL_IPV6_SUBNET; undefined where the file has none that can be read. */
function subnetOf({ otherLines }: SubnetEnv): Ipv6Prefix | undefined {
  const texts = otherLines.flatMap((line) => /^FLANNEL_IPV6_SUBNET=["']?([^"']*)/.exec(line)?.[1] ?? [])
  return texts.map(parseIpv6Prefix).find((one) => one !== undefined)
}

export const check = defineHostCheck({
  id: 'link/ipv6-vtep',
  title: 'VTEP of IPv6',
  backends: ['vxlan'],
  needs: ['links', 'addresses', 'subnetEnv'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} has no link {expected}: nothing enters or leaves the overlay of IPv6 here',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
      explains: GONE,
    },
    down: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{link} on {host} is down: nothing enters or leaves the overlay of IPv6 here',
      fix: 'Run `ip link set {link} up` on {host} and restart flanneld: its routes and entries went with the link.',
      heal: [run('ip link set {link} up', '{link} is up'), RESTART_FLANNELD],
      explains: [...GONE, { code: 'link/ipv6-vtep:wrong-address', when: 'same-host' }],
    },
    'wrong-address': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{link} on {host} has not the address {expected} of its IPv6 subnet, but {observed}',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
      explains: [{ code: 'route/ipv6-peer-subnet:*', when: 'same-host' }],
    },
    'wrong-mac': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{link} on {host} has MAC {observed}, its lease says {expected}: this host ignores what every peer sends it by IPv6',
      fix: 'Restart flanneld on {host}; it publishes the MAC again. Keep udev and NetworkManager off the link (a .link file with MACAddressPolicy=none).',
      heal: [RESTART_FLANNELD],
    },
    'subnet-env-differs': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'FLANNEL_IPV6_SUBNET on {host} is {observed}, its IPv6 subnet {expected}: new pods get no IPv6 address that is routed to them',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ facts: { links, addresses, subnetEnv }, expected }): Generator<Draft<Code>> {
    if (expected.ipv6?.link === undefined) return
    const { subnet, link: vtep } = expected.ipv6
    const { name } = vtep
    const link = links.find((one) => one.name === name)
    const about = { object: named('link', name), data: { link: name } }
    if (link === undefined) yield { code: 'missing', ...about, expected: name, observed: 'no such link' }
    else {
      if (!isUp(link)) yield { code: 'down', ...about, expected: 'up', observed: 'down' }
      const own = addresses.filter((one) => one.link === name)
      yield* wrongLink(link, { own, subnet, published: vtep.mac })
    }
    yield* wrongFile(subnetEnv, subnet)
  },
})

/** What of the link is not as its lease says. */
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
