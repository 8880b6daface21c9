/** Addresses that a host has and yet does not take packets for: its routes lead them elsewhere. */
import { formatAddress } from '../../model/address.ts'
import type { RouteAnswer } from '../lookup/rules-lookup.ts'
import type { Kept } from '../walk/state.ts'
import { type HostView, line } from '../walk/world.ts'

/** Why a host does not take a packet for one of its own addresses; undefined where it does. */
export function keptFromOwn(host: HostView, destination: number, answer: RouteAnswer): Kept | undefined {
  if (answer.kind === 'route' && answer.route.type === 'local') return undefined
  if (answer.kind === 'unknown') return { problem: ['not-enough-facts', answer.why] }
  const why = `${formatAddress(destination)} is an address of ${host.name}, but policy rules and table local do not lead there`
  const own = `${formatAddress(destination)} dev ${host.addresses.find(({ prefix }) => prefix?.address === destination)?.link}`
  return { problem: ['no-route', why], used: [line(host, 'addresses', own)] }
}
