/**
 * The udp backend: flanneld reads flannel0 and sends to the host whose lease has the address.
 * Its table is inside the process, so the leases stand for it (flannel
 * `pkg/backend/udp/udp_network_amd64.go`, `handleSubnetEvents`, and `proxy_amd64.c`).
 */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { UDP_OVERHEAD, UDP_PORT } from '../../expected/constants.ts'
import { knownValue } from '../../expected/observed-host.ts'
import {
  containsAddress,
  formatAddress,
  formatPrefix,
  maskPrefix,
  parseAddress,
} from '../../model/address.ts'
import type { Lease } from '../../model/lease.ts'
import { isUp, type Link } from '../../model/link.ts'
import { present } from '../../model/present.ts'
import { outlives } from '../walk/lifetime.ts'
import { tooBig } from '../walk/mtu.ts'
import { type HopParts, isFree, lose, type Position, type Problem, pass, type Walk } from '../walk/state.ts'
import { keptByTc, onLink } from '../walk/traffic-control.ts'
import { absence, type HostView } from '../walk/world.ts'

/** True when no flanneld of the host does anything. */
export function isStopped({ facts }: HostView): boolean {
  const processes = knownValue(facts.flanneld)?.processes ?? []
  return processes.length > 0 && processes.every((process) => process.isStopped === true)
}

/** Why nobody takes the packet out of the tun link; undefined when flanneld does. */
function unread(walk: Walk, host: HostView, link: Link): Problem | undefined {
  if (!isUp(link)) return ['link-down', `${link.name} is set down`]
  const large = tooBig(walk, link)
  if (large) return large
  const absent = absence(host, 'flanneld')
  if (absent !== undefined) return ['not-enough-facts', absent]
  if (knownValue(host.facts.flanneld)?.processes.length === 0)
    return ['link-down', `no flanneld runs that reads ${link.name}`]
  if (isStopped(host)) return ['link-down', `a signal has stopped the flanneld that reads ${link.name}`]
  if (link.queueLength === 0)
    return ['queue', `the txqueuelen of ${link.name} is 0: it holds no packet for flanneld`]
  return link.flags.includes('LOWER_UP')
    ? undefined
    : ['link-down', `nobody reads ${link.name}: it has no carrier`]
}

/** The lease whose host gets the packet: that of another host. */
function leaseFor(walk: Walk, host: HostView): Lease | Problem {
  const { leases } = walk.world.snapshot.datastore
  if (!leases.known) return ['not-enough-facts', `the leases are not known: ${leases.detail}`]
  const own = clusterIdentity(walk.world.snapshot).byHost.get(host.name)
  const lease = leases.value.leases.find(
    (one) => containsAddress(one.subnet, walk.destination) && !(own && 'lease' in own && own.lease === one),
  )
  return lease ?? ['no-route', `flanneld knows no host for ${formatAddress(walk.destination)}`]
}

function portOf(walk: Walk): number {
  const config = knownValue(walk.world.snapshot.datastore.config)
  // A configuration of another backend is not what the running flanneld was started with.
  return config?.backend === 'udp' ? config.port : UDP_PORT
}

/** The address flanneld's socket is bound to; undefined leaves it to the route. */
function boundAddress({ facts }: HostView, port: number): number | undefined {
  const socket = knownValue(facts.sockets)?.find((one) => one.port === port && one.address !== '0.0.0.0')
  return socket && parseAddress(socket.address)
}

/** Sends by flannel0, up to the outer packet. flanneld takes one off the time to live. */
export function sendByUdp(walk: Walk, host: HostView, link: Link): Position | undefined {
  const encap: HopParts = { stage: 'encap', host: host.name, link: link.name }
  const problem = unread(walk, host, link)
  if (problem) return lose(walk, problem[0], { ...encap, why: problem[1] })
  if (!isFree(walk, keptByTc(host, onLink(walk, link.name, 'egress')), encap)) return undefined
  const lease = leaseFor(walk, host)
  if (!('subnet' in lease)) return lose(walk, lease[0], { ...encap, why: lease[1] })
  if (!outlives(walk, encap)) return undefined
  const port = portOf(walk)
  const source = boundAddress(host, port)
  const subnet = formatPrefix(maskPrefix(lease.subnet))
  const excerpt = `${lease.key}: ${subnet} at ${formatAddress(lease.publicIp)}`
  pass(walk, { ...encap, used: [{ source: walk.world.snapshot.datastore.leases.from, excerpt }] })
  const outer = {
    kind: 'udp',
    sender: host.name,
    link: link.name,
    ...present({ source }),
    destination: lease.publicIp,
    port,
    size: walk.size + UDP_OVERHEAD,
    mayBeCut: true,
  } as const
  return { at: 'encapsulated', host: host.name, outer }
}
