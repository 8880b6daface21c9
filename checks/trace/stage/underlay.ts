/** From the sender's underlay link to the receiver's: outer packets, or with host-gw the packet itself. */
import { formatAddress } from '../../model/address.ts'
import { isUp, type Link } from '../../model/link.ts'
import { outlives } from '../walk/lifetime.ts'
import { type Receivers, receiversOf } from '../walk/links.ts'
import { fitsPort, tooBig } from '../walk/mtu.ts'
import { neighbourOf, neighbourText } from '../walk/neighbours.ts'
import {
  deliver,
  type HopParts,
  isFree,
  lose,
  type Position,
  type Problem,
  pass,
  type Walk,
} from '../walk/state.ts'
import { keptByTc, type OnLink, onLink } from '../walk/traffic-control.ts'
import { type HostView, line, type Owner, underlayOwners, viewOf } from '../walk/world.ts'
import { isForBeyond } from './beyond.ts'
import { forwards } from './forwarding.ts'
import { deadOrStray } from './stray-link.ts'
import { badNeighbour } from './underlay-neighbour.ts'

/** The host that takes what is sent to an address; a problem when there is none, or more than one. */
export function soleOwner(walk: Walk, address: number): Owner | Problem {
  const owners = underlayOwners(walk.world, address)
  const [owner] = owners
  const text = formatAddress(address)
  const names = [...new Set(owners.map(({ host }) => host))]
  if (names.length > 1) return ['not-enough-facts', `${names.join(' and ')} both have ${text}`]
  if (owner) return owner
  const isWhole = ![...walk.world.hosts.values()].some((host) => 'absent' in host)
  return walk.world.snapshot.complete && isWhole
    ? ['lost-on-underlay', `no host has ${text}`]
    : ['not-enough-facts', `${text} belongs to no host of the snapshot`]
}

/** Why a next hop passes nothing on: it is another host of the network, and that one does not forward. */
export function idleRelay(walk: Walk, nextHop: number, owner: Owner | Problem): string | undefined {
  const [relay] = underlayOwners(walk.world, nextHop)
  if (relay === undefined || ('host' in owner && relay.host === owner.host)) return undefined
  const view = viewOf(walk.world, relay.host)
  if ('absent' in view) return undefined
  const { name, value } = forwards(view, relay.link)
  return value === '0'
    ? `${formatAddress(nextHop)} is ${relay.host}, which forwards nothing (${name} = 0)`
    : undefined
}

/** What comes in at the receiver's underlay link, at most `size` bytes at once. */
export function enterReceiver(
  walk: Walk,
  owner: Owner,
  { size, packet }: Pick<OnLink, 'size' | 'packet'>,
): boolean {
  const host = viewOf(walk.world, owner.host)
  const hop: HopParts = { stage: 'underlay', host: owner.host, link: owner.link }
  if ('absent' in host) {
    lose(walk, 'not-enough-facts', { ...hop, why: host.absent })
    return false
  }
  const problem = refused(host, owner.link, size)
  const kept = problem
    ? { problem }
    : keptByTc(host, { link: owner.link, direction: 'ingress', packet, size })
  if (!isFree(walk, kept, hop)) return false
  pass(walk, hop)
  return true
}

/** A veth link keeps to its MTU on the way in; what hardware does is up to its driver. */
function refused(host: HostView, name: string, size: number): Problem | undefined {
  const link = host.links.get(name)
  if (link === undefined) return ['not-enough-facts', `${name} is not among the links of ${host.name}`]
  if (!isUp(link)) return ['link-down', `${name} is set down`]
  if (fitsPort(link, size)) return undefined
  const why = `${size} bytes come to ${name}, MTU ${link.mtu}`
  return link.kind === 'veth' ? ['too-big', why] : ['not-enough-facts', `${why}: its driver decides`]
}

/** Checks of the sender's underlay link and of its entry for the next hop. */
export function canSend(
  walk: Walk,
  host: HostView,
  to: { readonly link: Link; readonly nextHop: number; readonly stage: 'neighbour' | 'underlay' },
): boolean {
  const { link, nextHop, stage } = to
  const hop: HopParts = { stage: 'underlay', host: host.name, link: link.name }
  if (!isFree(walk, deadOrStray(host, to), hop)) return false
  const entry = neighbourOf(host, link.name, nextHop)
  const used = entry === undefined ? [] : [line(host, 'neighbours', neighbourText(entry))]
  const problem = badNeighbour(walk, host, { link: link.name, nextHop })
  if (problem) lose(walk, problem[0], { stage, host: host.name, link: link.name, used, why: problem[1] })
  else if (stage === 'neighbour') pass(walk, { stage, host: host.name, used })
  return problem === undefined
}

/** Otherwise a router that the snapshot does not show is between, one at least. */
function isDirect(walk: Walk, receiver: Owner, nextHop: number): boolean {
  return underlayOwners(walk.world, nextHop).some(
    ({ host, link }) => host === receiver.host && link === receiver.link,
  )
}

/** The one host that takes it; a sentence where there is none or more than one. */
function soleReceiver(receivers: Receivers, nextHop: number): Owner | string {
  const text = formatAddress(nextHop)
  const [first] = typeof receivers === 'string' ? [] : receivers
  if (first === undefined || typeof receivers === 'string')
    return `${text} belongs to no host of the snapshot`
  return new Set(receivers.map(({ host }) => host)).size === 1 ? first : `several hosts have ${text}`
}

/** Sends the packet itself over the underlay, as host-gw and direct routing do. */
export function sendPlain(
  walk: Walk,
  host: HostView,
  to: { readonly link: Link; readonly nextHop: number },
): Position | undefined {
  const { link, nextHop } = to
  const hop: HopParts = { stage: 'underlay', host: host.name, link: link.name }
  const large = tooBig(walk, link)
  if (large) return lose(walk, large[0], { ...hop, why: large[1] })
  if (!canSend(walk, host, { ...to, stage: 'neighbour' })) return undefined
  const leaving = onLink(walk, link.name, 'egress')
  if (!isFree(walk, keptByTc(host, leaving), hop)) return undefined
  const receivers = receiversOf(walk, nextHop)
  const isBeyond = walk.to.beyond !== undefined && receivers === 'beyond'
  if (isBeyond || isForBeyond(walk, nextHop)) return deliver(walk, hop)
  pass(walk, hop)
  const receiver = soleReceiver(receivers, nextHop)
  if (typeof receiver === 'string')
    return lose(walk, 'not-enough-facts', { stage: 'underlay', host: host.name, why: receiver })
  return enterReceiver(walk, receiver, leaving) ? comeTo(walk, receiver, { nextHop, hop }) : undefined
}

/** A router on the way takes one off the time to live. */
function comeTo(
  walk: Walk,
  { host, link }: Owner,
  { nextHop, hop }: { readonly nextHop: number; readonly hop: HopParts },
): Position | undefined {
  walk.mark = 0
  const isThere = isDirect(walk, { host, link }, nextHop) || outlives(walk, hop)
  return isThere ? { at: 'arrived', host, link } : undefined
}
