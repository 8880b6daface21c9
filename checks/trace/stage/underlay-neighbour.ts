/** Whether the next hop on the underlay can be found: the entry that the host has for it, or who answers its ARP request. */
import { present } from '../../model/present.ts'
import { sourceFor } from '../lookup/source-address.ts'
import { type Asked, arpProblem, type Unanswered, unansweredArp, unheardArp } from '../walk/arp.ts'
import { hasFailed, neighbourOf, neighbourText } from '../walk/neighbours.ts'
import type { Problem, Walk } from '../walk/state.ts'
import { type HostView, type Owner, underlayOwners, viewOf } from '../walk/world.ts'

function macOf(walk: Walk, { host, link }: Owner): string | undefined {
  const view = viewOf(walk.world, host)
  return 'absent' in view ? undefined : view.links.get(link)?.mac
}

/** The next hop of a packet on the underlay, and the host that has its address. */
interface Next {
  readonly link: string
  readonly nextHop: number
  readonly owner: Owner | undefined
  readonly inVain: boolean
}

/** Why the host that has the address does not answer. */
function notAnswered(walk: Walk, { owner }: Next, asked: Omit<Asked, 'link'>): Unanswered | undefined {
  const view = owner && viewOf(walk.world, owner.host)
  if (owner === undefined || view === undefined || 'absent' in view || !view.local.has(asked.address))
    return undefined
  return unansweredArp(view, { ...asked, link: owner.link })
}

/** Why an ARP request of the host has no answer; the settings of who does not ask or answer are then what the loss is counted to. */
function silentOwner(walk: Walk, host: HostView, next: Next): Problem | undefined {
  const { owner, link, nextHop: address, inVain } = next
  const asked = { address, by: sourceFor(host, link, address) ?? 0, inVain }
  const unheard = unheardArp(host, { ...asked, link })
  const silent = unheard ?? notAnswered(walk, next, asked)
  if (silent === undefined) return undefined
  const problem = arpProblem(silent)
  const place = unheard === undefined && owner ? owner : { host: host.name, link }
  walk.culprit = { stage: 'underlay', ...place, ...silent, predicted: problem[0] }
  return problem
}

/** An entry that names another machine than the one that has the address. */
function wrongMac(walk: Walk, host: HostView, { owner, mac }: Pick<Next, 'owner'> & { mac?: string }) {
  const real = owner && macOf(walk, owner)
  if (owner === undefined || real === undefined || mac === undefined || mac === real) return undefined
  return ['wrong-neighbour', `${owner.host} has MAC ${real} there, ${host.name} sends to ${mac}`] as const
}

/** The neighbour entry on the underlay; none is fine, the kernel asks. */
export function badNeighbour(
  walk: Walk,
  host: HostView,
  to: Omit<Next, 'owner' | 'inVain'>,
): Problem | undefined {
  const entry = neighbourOf(host, to.link, to.nextHop)
  const owner = underlayOwners(walk.world, to.nextHop).find((one) => one.host !== host.name)
  if (entry === undefined) return silentOwner(walk, host, { ...to, owner, inVain: false })
  if (!hasFailed(entry)) return wrongMac(walk, host, { owner, ...present({ mac: entry.mac }) })
  return (
    silentOwner(walk, host, { ...to, owner, inVain: true }) ?? [
      'no-neighbour',
      `${neighbourText(entry)}: nobody answered`,
    ]
  )
}
