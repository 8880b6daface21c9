// flanneld binds the overlay to one link: the one of -iface, else the one its public IP is on, else that
// of the default route (`main.go`; `pkg/ipmatch/match.go`, `LookupExtIface`). It looks once, at its
// start. When the link goes down the kernel drops the routes over it, host-gw routes among them.

import type { Draft, Explains } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { type ClusterIdentity, clusterIdentity } from '../expected/cluster-identity.ts'
import { chosenByOptions, type ExternalLink, externalLink } from '../expected/external-link.ts'
import type { ObservedHost } from '../expected/observed-host.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { isUp, type Link, type LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { Source } from '../model/snapshot.ts'

const LOST_WITH_UNDERLAY: readonly Explains[] = [
  { code: 'underlay/public-ip:not-on-host', when: 'same-host' },
  { code: 'underlay/peer-on-link:not-on-link', when: 'same-host' },
  { code: 'route/peer-subnet:*', when: 'same-host' },
  { code: 'lease/peer:*', when: 'same-host' },
  { code: 'lease/time-to-live:expiring', when: 'same-host' },
  { code: 'lease/own:missing', when: 'same-host' },
  { code: 'daemon/log:interface-not-found', when: 'same-host' },
  { code: 'daemon/log:no-default-route', when: 'same-host' },
  { code: 'daemon/log:etcd-unreachable', when: 'same-host' },
  { code: 'daemon/log:etcd-name-unknown', when: 'same-host' },
]
/** Operational states in which nothing is sent (Linux `Documentation/networking/operstates.rst`). */
const DEAD_STATES = new Set(['DOWN', 'LOWERLAYERDOWN', 'NOTPRESENT', 'DORMANT'])

/** The -iface names when flanneld was told nothing else and none of them is a link or address here. */
function unmatched(host: ObservedHost, isChosen: boolean): readonly string[] {
  const { iface, ifaceRegex, ifaceCanReach } = host.options ?? { iface: [], ifaceRegex: [] }
  if (isChosen || ifaceRegex.length > 0 || ifaceCanReach !== undefined) return []
  return iface
}

function stateOf(link: Link): string | undefined {
  if (!isUp(link)) return 'set down'
  return DEAD_STATES.has(link.operstate) ? `operstate ${link.operstate}` : undefined
}

/** The public IP of the host's own lease. */
function leasedAddress(identity: ReturnType<ClusterIdentity['byHost']['get']>): number | undefined {
  return identity && 'lease' in identity ? identity.lease.publicIp : undefined
}

/** The public IP on another link, where this one has no address left. */
function movedTo(
  name: string,
  publicIp: number | undefined,
  addresses: readonly LinkAddress[],
): LinkAddress | undefined {
  if (publicIp === undefined) return undefined
  const ipv4 = addresses.filter(({ prefix }) => prefix !== undefined)
  return ipv4.some(({ link }) => link === name)
    ? undefined
    : ipv4.find(({ prefix }) => prefix?.address === publicIp)
}

/** Links that take over what comes in by their ports (Linux `rx_handler`); a VRF only chooses the routing table. */
const TAKING = new Set(['bridge', 'bond', 'team', 'openvswitch'])

/** The link that takes what comes in by this one; undefined where the host's own addresses of it get it. */
function takerOf({ name, master }: Link, links: readonly Link[]): Link | undefined {
  const isTaker = (other: Link): boolean =>
    other.takes === name || (other.name === master && other.kind !== undefined && TAKING.has(other.kind))
  return links.find(isTaker)
}

type Code = 'missing' | 'down' | 'without-address' | 'enslaved'

/** An external link that is up, and what else is on the host. */
interface Placed {
  readonly link: Link | undefined
  readonly publicIp: number | undefined
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
  readonly from: Source
}

/** Link and address have come apart. */
function* misplaced({ link, publicIp, links, addresses, from }: Placed): Iterable<Draft<Code>> {
  if (link === undefined) return
  const about = { object: named('link', link.name), data: { link: link.name } }
  const holder = movedTo(link.name, publicIp, addresses)
  if (holder !== undefined) {
    const data = { link: link.name, holder: holder.link }
    const source = { ...from, command: 'ip -br -4 addr show' }
    const excerpt = `expected an address of ${link.name}; found ${holder.address} on ${holder.link}`
    const evidence = [{ source, excerpt, derived: true as const }]
    return yield { code: 'without-address', ...about, data, observed: holder.address, evidence }
  }
  const taker = takerOf(link, links)
  if (taker === undefined) return
  const fixes = taker.takes === undefined ? {} : { fixes: [] }
  yield { code: 'enslaved', ...about, expected: 'no master', observed: taker.name, ...fixes }
}

export const check = defineHostCheck({
  id: 'underlay/external-link',
  title: 'External link',
  backends: 'any',
  needs: ['links', 'addresses', 'flanneld', 'leases', 'config'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'flanneld on {host} was started with -iface={observed}, but no link or address of {host} is that',
      fix: 'Bring the link back, or start flanneld with an -iface that `ip -br address` shows.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-iface={iface}'] }],
      explains: LOST_WITH_UNDERLAY,
    },
    down: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the external link {link} of {host} is down ({observed}): no overlay packet leaves or arrives',
      fix: 'Run `ip link set {link} up` and check cable or hypervisor; then restart flanneld, as the routes over the link are gone.',
      heal: [run('ip link set {link} up', 'the external link is up'), RESTART_FLANNELD],
      explains: LOST_WITH_UNDERLAY,
    },
    'without-address': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{link}, which flanneld on {host} was told to use, has no IPv4 address any more, {observed} is on {holder}: flanneld does not come up again, and routes by {link} are gone',
      fix: 'Start flanneld with -iface={holder}, or move the address back to {link}.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-iface={holder}'] }],
      explains: LOST_WITH_UNDERLAY,
    },
    enslaved: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'what comes in by {link}, the external link of {host}, goes to {observed}, while the address is still on {link}: no ARP request of {link} is ever answered',
      fix: 'Take {link} out of {observed} (`ip link set {link} nomaster`; a macvlan in mode passthru has to be deleted), or move its address and routes to {observed} (what makes the bridge does so: netplan, NetworkManager, /etc/network/interfaces) and restart flanneld, with -iface={observed} where it names the link.',
      heal: [
        run(
          'ip link set {link} nomaster',
          'what comes in by the link is its own again',
          'ip link set {link} master {observed}',
        ),
      ],
      explains: LOST_WITH_UNDERLAY,
    },
  },
  *evaluate({ facts: { config, links, addresses }, sources, host, cluster: { snapshot } }) {
    const { observed: hosts, byHost } = clusterIdentity(snapshot)
    const observed = hosts.get(host)
    if (observed === undefined) return yield { unsure: 'the host could not be read' }
    const names = unmatched(observed, chosenByOptions(observed, config) !== undefined)
    const publicIp = leasedAddress(byHost.get(host))
    const external: ExternalLink | undefined = externalLink(observed, config, publicIp)
    if (names.length > 0) {
      const data = external === undefined ? {} : { iface: external.name }
      return yield { code: 'missing', object: 'external link', observed: names.join(', '), data }
    }
    if (external === undefined) return yield { unsure: 'the external link is not known' }
    const { name } = external
    const about = { object: named('link', name), data: { link: name } }
    const link = links.find((one) => one.name === name)
    const state = link && stateOf(link)
    if (state !== undefined) return yield { code: 'down', ...about, expected: 'UP', observed: state }
    yield* misplaced({ link, publicIp, links, addresses, from: sources.addresses })
  },
})
