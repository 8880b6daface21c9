/** The route lookup of one host. */
import type { PolicyRule, Route } from '../../model/route.ts'
import type { HostView } from '../walk/world.ts'
import { lengthsIn, type RouteIndex } from './route-lookup.ts'
import { isForAll } from './rule-match.ts'
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

/** Answers of one host: walks ask it for few destinations, again and again. */
interface Answers {
  readonly rules: readonly PolicyRule[]
  /** True where no rule selects: then the destination alone decides. */
  readonly isPlain: boolean
  readonly byDestination: Map<number, RouteAnswer>
}

const MOST_ANSWERS = 256
const answers = new WeakMap<RouteIndex, Answers>()

function answersOf({ rules, index }: HostView): Answers {
  const before = answers.get(index)
  if (before?.rules === rules && before.byDestination.size < MOST_ANSWERS) return before
  const kept = { rules, isPlain: rules.every(isForAll), byDestination: new Map<number, RouteAnswer>() }
  answers.set(index, kept)
  return kept
}

function lookedUp(host: HostView, flow: Flow): RouteAnswer {
  const { isPlain, byDestination } = answersOf(host)
  const known = isPlain ? byDestination.get(flow.destination) : undefined
  if (known !== undefined) return known
  const found = lookupFlow(host.rules, host.index, { ...flow, isInVrf: isInVrf(host, flow.inLink) })
  if (isPlain) byDestination.set(flow.destination, found)
  return found
}

/** The route of a packet on a host. */
export function hostRoute(host: HostView, flow: Flow): RouteAnswer {
  const route = ownAddress(host, flow.destination)
  if (route === undefined) return lookedUp(host, flow)
  return { kind: 'route', route, rule: { priority: 0, from: 'all', table: 'local', other: [] } }
}
