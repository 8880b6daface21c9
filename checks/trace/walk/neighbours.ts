/** Neighbour entries as a sender uses them. */
import { formatAddress } from '../../model/address.ts'
import type { Neighbour } from '../../model/neighbour.ts'
import { neighboursAt } from '../../model/table-lookup.ts'
import type { HostView } from './world.ts'

/** The entry for an address on a link; undefined when there is none or the table was not read. */
export function neighbourOf({ facts }: HostView, link: string, address: number): Neighbour | undefined {
  if (!facts.neighbours.known) return undefined
  return neighboursAt(facts.neighbours.value, link, formatAddress(address))[0]
}

/** True when the last question for the address had no answer, or none yet. */
export function hasFailed({ states, mac }: Neighbour): boolean {
  return states.includes('FAILED') || (states.includes('INCOMPLETE') && mac === undefined)
}

/** `10.5.7.0 dev flannel.1 lladdr 0e:2a:… PERMANENT`, as `ip neigh` prints it. */
export function neighbourText({ address, link, mac, states }: Neighbour): string {
  const parts = [`${address} dev ${link}`, ...(mac === undefined ? [] : [`lladdr ${mac}`]), ...states]
  return parts.join(' ')
}
