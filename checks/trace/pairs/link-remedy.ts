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

/** The link of the host, not of a container, that a loss names. */
function linkOf({ host, link, container }: Hop, snapshot: ClusterSnapshot): Link | undefined {
  const facts = snapshot.hosts.get(host)?.facts
  if (facts === undefined || container !== undefined) return undefined
  return knownValue(facts.links)?.find(({ name }) => name === link)
}

/** Numbers of the states of a bridge's port (Linux `include/uapi/linux/if_bridge.h`). */
const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking']

function portRemedy({ name, bridgePort }: Link): Remedy | undefined {
  if (bridgePort === undefined) return undefined
  const set = `bridge link set dev ${name}`
  const effect = 'the bridge takes and gives its frames'
  const { state, isolated, locked, flood } = bridgePort
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
  const link = linkOf(hop, snapshot)
  if (link === undefined) return undefined
  const byFlag = flagRemedy(link, hop.predicted)
  if (byFlag !== undefined) return byFlag
  if (hop.predicted === 'no-fdb') return ownEntryRemedy(link) ?? portRemedy(link)
  if (hop.predicted === 'link-down') return portRemedy(link)
  if (hop.predicted === 'queue') return roomRemedy(link)
  return hop.predicted === 'too-big' ? mtuRemedy(link, loss) : undefined
}
