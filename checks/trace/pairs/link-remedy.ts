/** The command that sets a link of a host right, or a port of its bridge. */
import { knownValue } from '../../expected/observed-host.ts'
import type { Link } from '../../model/link.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Hop } from '../trace.ts'
import type { Loss } from './losses.ts'

/** One command that heals, and what takes it back. */
export interface Remedy {
  readonly command: string
  readonly undo?: string
  readonly effect: string
}

/** The links of the host, none where the loss is inside a container. */
function linksOf({ host, container }: Hop, snapshot: ClusterSnapshot): readonly Link[] {
  const facts = snapshot.hosts.get(host)?.facts
  return facts === undefined || container !== undefined ? [] : (knownValue(facts.links) ?? [])
}

/** Numbers of the states of a bridge's port (Linux `include/uapi/linux/if_bridge.h`). */
const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking']

/**
 * The spanning tree of the kernel lets nobody set a state (Linux `net/bridge/br_netlink.c`, br_set_port_state: EBUSY).
 * A port that it blocks stays so: it cuts a loop.
 */
function treeRemedy({ name, master }: Link, state: string): Remedy | undefined {
  if (state !== 'listening' && state !== 'learning') return undefined
  const set = `ip link set ${master} type bridge stp_state`
  return {
    command: `${set} 0 && bridge link set dev ${name} state 3`,
    undo: `${set} 1`,
    effect: 'the bridge has no spanning tree that lets ports wait',
  }
}

function portRemedy(link: Link, links: readonly Link[]): Remedy | undefined {
  const { name, master, bridgePort } = link
  if (bridgePort === undefined) return undefined
  const set = `bridge link set dev ${name}`
  const effect = 'the bridge takes and gives its frames'
  const { state, isolated, locked, flood } = bridgePort
  const hasTree = links.some((one) => one.name === master && one.isSpanningTree)
  if (state !== 'forwarding' && hasTree) return treeRemedy(link, state)
  if (state !== 'forwarding')
    return { command: `${set} state 3`, undo: `${set} state ${PORT_STATES.indexOf(state)}`, effect }
  const wrong = locked ? 'locked' : isolated ? 'isolated' : undefined
  if (wrong !== undefined) return { command: `${set} ${wrong} off`, undo: `${set} ${wrong} on`, effect }
  return flood ? undefined : { command: `${set} flood on`, undo: `${set} flood off`, effect }
}

/** The entry by which a bridge takes up what is for its host. */
function ownEntryRemedy({ name, kind, mac }: Link): Remedy | undefined {
  if (kind !== 'bridge') return undefined
  const command = `bridge fdb replace ${mac} dev ${name} self local`
  return { command, effect: 'the bridge takes up what is for the host' }
}

function mtuRemedy({ name, mtu }: Link, { walks }: Loss): Remedy | undefined {
  const size = Math.max(...walks.map((walk) => walk.size))
  if (mtu >= size) return undefined
  const set = `ip link set ${name} mtu`
  return { command: `${set} ${size}`, undo: `${set} ${mtu}`, effect: 'packets of full size pass' }
}

/** A tun link without room (Linux `drivers/net/tun.c`, TUN_READQ_SIZE). */
function roomRemedy({ name, queueLength }: Link): Remedy | undefined {
  if (queueLength !== 0) return undefined
  const set = `ip link set ${name} txqueuelen`
  return { command: `${set} 500`, undo: `${set} 0`, effect: 'the link holds packets for flanneld' }
}

/** A flag of a link that is set the other way; undefined where it is in order. */
function flagRemedy({ name, flags, isHeldDown }: Link, predicted: Hop['predicted']): Remedy | undefined {
  const set = `ip link set ${name}`
  if (predicted === 'link-down' && !flags.includes('UP'))
    return { command: `${set} up`, undo: `${set} down`, effect: 'the link carries packets' }
  if (predicted === 'link-down' && isHeldDown)
    return {
      command: `${set} protodown off`,
      undo: `${set} protodown on`,
      effect: 'the link has a carrier again',
    }
  return undefined
}

/** The command that sets the link right on which packets are lost; undefined where none can be named. */
export function linkRemedy(loss: Loss, snapshot: ClusterSnapshot): Remedy | undefined {
  const { hop } = loss
  const links = linksOf(hop, snapshot)
  const link = links.find(({ name }) => name === hop.link)
  if (link === undefined) return undefined
  const byFlag = flagRemedy(link, hop.predicted)
  if (byFlag !== undefined) return byFlag
  if (hop.predicted === 'no-fdb') return ownEntryRemedy(link) ?? portRemedy(link, links)
  if (hop.predicted === 'link-down') return portRemedy(link, links)
  if (hop.predicted === 'queue') return roomRemedy(link)
  return hop.predicted === 'too-big' ? mtuRemedy(link, loss) : undefined
}
