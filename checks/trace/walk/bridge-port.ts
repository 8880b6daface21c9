/**
 * What a bridge itself does to the frames of its ports, before any filter (Linux `net/bridge/br_input.c`,
 * `br_handle_frame_finish`; `br_forward.c`, `should_deliver`, `br_flood`; `br_device.c`, `br_dev_xmit`).
 */
import type { Attachment } from '../../expected/bridge-port.ts'
import type { FdbEntry } from '../../model/fdb.ts'
import { isUp, type Link } from '../../model/link.ts'
import { entriesFor, hasEntriesOf } from './fdb.ts'
import { fitsPort } from './mtu.ts'
import type { Kept, Problem } from './state.ts'
import { type HostView, line } from './world.ts'

function isStopped(host: HostView, { name, master, bridgePort }: Link): Kept | undefined {
  if (bridgePort === undefined || bridgePort.state === 'forwarding') return undefined
  const { state } = bridgePort
  const used = [line(host, 'links', `${name} ${state}`)]
  const why = host.links.get(master ?? '')?.isSpanningTree ? ', by its spanning tree' : ''
  return { problem: ['link-down', `${name} is a port of ${master} in state ${state}${why}`], used }
}

/** The entries for a MAC of the bridge that the port belongs to. */
function bridgeEntries(host: HostView, { master }: Link, mac: string | undefined): readonly FdbEntry[] {
  if (master === undefined || mac === undefined) return []
  return entriesFor(host, mac).filter((entry) => entry.master === master)
}

function isLocal({ state }: FdbEntry): boolean {
  return state === 'permanent'
}

function entryText({ mac, link, master, state }: FdbEntry): string {
  return `${mac} dev ${link} master ${master} ${state}`.trim()
}

/** What keeps a frame of a container out of its bridge; undefined where the port takes it. */
export function keptFromBridge(host: HostView, port: Link, mac: string | undefined): Kept | undefined {
  const stopped = isStopped(host, port)
  if (stopped !== undefined || !port.bridgePort?.locked || !host.facts.fdb.known) return stopped
  const entries = bridgeEntries(host, port, mac)
  if (entries.some((entry) => entry.link === port.name && !isLocal(entry))) return undefined
  return { problem: ['link-down', `${port.name} is locked, and ${port.master} has no entry of ${mac} on it`] }
}

/** A bridge takes up the frames that its table says are its own; without that entry they go out by its ports. */
export function keptFromHost(host: HostView, bridge: Link): Kept | undefined {
  const { fdb } = host.facts
  const { name, mac, flags } = bridge
  if (!fdb.known || mac === undefined || flags.includes('PROMISC')) return undefined
  const isListed = hasEntriesOf(fdb.value, name)
  if (!isListed || entriesFor(host, mac).some((entry) => entry.master === name && isLocal(entry)))
    return undefined
  return {
    problem: [
      'no-fdb',
      `${name} has no entry of its own MAC ${mac}: what is for the host goes out by its ports`,
    ],
    used: [line(host, 'links', `${name} ${mac}`)],
  }
}

/** The entry of another place than the port, where it does not go away by itself when the container sends. */
function misleading(entries: readonly FdbEntry[], port: Link, from: Link | undefined): FdbEntry | undefined {
  // A local entry is the host's own to the ports; the host itself sends by the port that it names.
  return entries.find(
    (entry) =>
      (isLocal(entry) && (from !== undefined || entry.link !== port.name)) ||
      (entry.state === 'static' && entry.link !== port.name),
  )
}

/** A frame on its way out of a bridge. */
interface Leaving {
  readonly port: Link
  readonly mac: string | undefined
  /** The port it came by; absent for the host's own. */
  readonly from?: Link | undefined
}

/** The bridge sends by what its table says; what it does not know goes out by every port that takes it. */
function sentElsewhere(host: HostView, { port, mac, from }: Leaving): Kept | undefined {
  const { name, master, bridgePort } = port
  if (!host.facts.fdb.known || mac === undefined) return undefined
  const entries = bridgeEntries(host, port, mac)
  const wrong = misleading(entries, port, from)
  if (wrong !== undefined) {
    const used = [line(host, 'fdb', entryText(wrong))]
    return {
      problem: ['no-fdb', `${master} sends frames for ${mac} to ${wrong.link} instead of ${name}`],
      used,
    }
  }
  if (entries.length > 0 || bridgePort?.flood) return undefined
  const why = `${master} does not know ${mac}, and ${name} gets nothing that is not for it (flood off)`
  return { problem: ['no-fdb', why] }
}

/** What keeps a frame for a container in the bridge. */
export function keptInBridge(host: HostView, leaving: Leaving): Kept | undefined {
  const { port, from } = leaving
  if (port.bridgePort === undefined) return undefined
  const isApart = port.bridgePort.isolated && from?.bridgePort?.isolated
  if (isApart) return { problem: ['link-down', `${from.name} and ${port.name} are isolated from each other`] }
  return isStopped(host, port) ?? sentElsewhere(host, leaving)
}

/** What keeps the packet from the container once its address is resolved. */
export function badPort({ port, link, container }: Attachment, size: number): Problem | undefined {
  if (!isUp(port)) return ['link-down', `${port.name} is set down`]
  if (!link.flags.includes('UP')) return ['link-down', `${link.name} of ${container.name} is set down`]
  const small = !fitsPort(port, size) ? port : !fitsPort(link, size) ? link : undefined
  return small && ['too-big', `${size} bytes do not fit ${small.name}, MTU ${small.mtu}`]
}
