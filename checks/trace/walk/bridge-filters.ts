/**
 * The filters of a bridge and of its ports: what nft's family bridge and chains of a port's ingress and egress do to a
 * frame (Linux `net/bridge/br_input.c`, `br_forward.c`). Frames between two ports meet the IPv4 filters only with
 * br_netfilter.
 */
import { present } from '../../model/present.ts'
import { isLetThrough } from './filters.ts'
import { type HopParts, isFree, type Walk } from './state.ts'
import { keptByTc, onLink } from './traffic-control.ts'
import { undoRedirection } from './translation.ts'
import type { HostView } from './world.ts'

/** A port of a bridge, or of none where a container hangs on the host directly. */
export interface BridgePort {
  readonly port: string
  readonly bridge?: string
}

/** From a port up to the host's own IP layer, or only into the bridge. Says whether the packet goes on. */
export function isThroughPort(
  walk: Walk,
  host: HostView,
  at: BridgePort & { readonly isForHost: boolean },
): boolean {
  const { port, bridge, isForHost } = at
  const parts: HopParts = { stage: 'bridge', host: host.name }
  const isIn =
    isFree(walk, keptByTc(host, onLink(walk, port, 'ingress')), { ...parts, link: port }) &&
    isLetThrough(walk, host, { at: { hook: 'ingress', inLink: port }, parts })
  if (!isIn || bridge === undefined) return isIn
  const links = { inLink: port, bridge }
  return (
    isLetThrough(walk, host, { at: { hook: 'bridge-prerouting', ...links }, parts }) &&
    (!isForHost || isLetThrough(walk, host, { at: { hook: 'bridge-input', ...links }, parts }))
  )
}

/** A port that a frame leaves by, and the one it came by; absent for the host's own. */
interface WayOut extends BridgePort {
  readonly from?: string
}

/** What the host itself sends meets the queue of the bridge before that of the port. */
function isPastQueues(walk: Walk, host: HostView, { port, bridge, from }: WayOut): boolean {
  const links = from === undefined && bridge !== undefined ? [bridge, port] : [port]
  return links.every((link) => {
    const kept = keptByTc(host, onLink(walk, link, 'egress'))
    return isFree(walk, kept, { stage: 'bridge-in', host: host.name, link })
  })
}

/** Out by a port: what the host itself sends by the bridge, or what came in by another port. */
export function isOutOfPort(walk: Walk, host: HostView, at: WayOut): boolean {
  const { port, bridge, from } = at
  const parts: HopParts = { stage: 'bridge-in', host: host.name, link: port }
  const links = { outLink: port, ...present({ bridge }) }
  const hook = from === undefined ? ('bridge-output' as const) : ('bridge-forward' as const)
  if (!isPastQueues(walk, host, at)) return false
  const first = from === undefined ? links : { ...links, inLink: from }
  const isOnBridge =
    bridge === undefined ||
    (isLetThrough(walk, host, { at: { hook, ...first }, parts }) &&
      isLetThrough(walk, host, { at: { hook: 'bridge-postrouting', ...links }, parts }))
  return isOnBridge && isLetThrough(walk, host, { at: { hook: 'egress', outLink: port }, parts })
}

/** The ports that a frame goes between. */
export interface BetweenPorts {
  readonly bridge: string
  readonly inPort: string
}

/** With br_netfilter the IPv4 filters see frames between two ports, the bridge as link of both sides. */
export function isPastBridgeFilter(walk: Walk, host: HostView, { bridge, inPort }: BetweenPorts): boolean {
  if (host.sysctls.get('net.bridge.bridge-nf-call-iptables') !== '1') return true
  const parts: HopParts = { stage: 'bridge', host: host.name }
  const both = { inLink: bridge, outLink: bridge, inPort, outPort: 'another port' }
  const isPast =
    isLetThrough(walk, host, { at: { hook: 'prerouting', inLink: bridge, inPort }, parts }) &&
    isLetThrough(walk, host, { at: { hook: 'forward', ...both }, parts }) &&
    isLetThrough(walk, host, { at: { hook: 'postrouting', ...both }, parts })
  undoRedirection(walk, host)
  return isPast
}
