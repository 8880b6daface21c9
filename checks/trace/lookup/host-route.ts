/** The route lookup of one host. */
import type { Route } from '../../model/route.ts'
import type { HostView } from '../walk/world.ts'
import { lengthsIn } from './route-lookup.ts'
import { type Flow, lookupFlow, type RouteAnswer } from './rules-lookup.ts'

/** What the kernel keeps in table local for each address; some recordings leave that table out. */
function ownAddress({ index, local, addresses }: HostView, address: number): Route | undefined {
  if (lengthsIn(index, 'local').length > 0 || !local.has(address)) return undefined
  const link = addresses.find(({ prefix }) => prefix?.address === address)?.link
  const destination = { address, length: 32 }
  const kept = { destination, type: 'local', table: 'local', metric: 0, flags: [] }
  return link === undefined ? kept : { ...kept, link }
}

function isInVrf({ links }: HostView, inLink: string | undefined): boolean {
  const master = inLink === undefined ? undefined : links.get(inLink)?.master
  return master !== undefined && links.get(master)?.kind === 'vrf'
}

/** The route of a packet on a host. */
export function hostRoute(host: HostView, flow: Flow): RouteAnswer {
  const route = ownAddress(host, flow.destination)
  if (route === undefined)
    return lookupFlow(host.rules, host.index, { ...flow, isInVrf: isInVrf(host, flow.inLink) })
  return { kind: 'route', route, rule: { priority: 0, from: 'all', table: 'local', other: [] } }
}
