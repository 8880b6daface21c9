/** A host sends a packet of its own: route, source address, filters. */
import { formatAddress } from '../model/address.ts'
import { hostRoute } from './host-route.ts'
import { sourceFor } from './source-address.ts'
import { deliverLocally } from './stage-local.ts'
import { type Exit, exitOf, routeHop } from './stage-route.ts'
import { filterPacket, isLetThrough, redirection } from './walk-filters.ts'
import { lose, type Place, pass, type Walk } from './walk-state.ts'
import { isTranslationKnown } from './walk-translation.ts'
import type { HostView } from './walk-world.ts'

/** Output and postrouting filters and source NAT. */
function isSent(walk: Walk, host: HostView, { place }: Exit): boolean {
  const parts = { stage: 'forward', host: host.name } as const
  const outLink = place.link
  if (!isLetThrough(walk, host, { at: { hook: 'output', outLink }, parts })) return false
  const packet = { ...filterPacket(walk, host, { outLink }), state: 'NEW' } as const
  const rule = walk.direction === 'reply' ? undefined : redirection(host, 'output', packet)
  if (rule !== undefined) {
    lose(walk, 'not-enough-facts', { ...parts, why: `a rule may give it another destination: ${rule}` })
    return false
  }
  return (
    isLetThrough(walk, host, { at: { hook: 'postrouting', outLink }, parts }) &&
    isTranslationKnown(walk, host, { exit: { outLink, nextHop: place.nextHop }, parts })
  )
}

function doesNotAnswer(walk: Walk, { sysctls }: HostView): boolean {
  return walk.direction === 'reply' && sysctls.get('net.ipv4.icmp_echo_ignore_all') === '1'
}

/** Sends from the host. A reply keeps the address that was asked; a request gets the one the route chooses. */
export function sendFromHost(walk: Walk, host: HostView): Place | undefined {
  const source = { stage: 'source', host: host.name } as const
  if (doesNotAnswer(walk, host)) {
    const used = [{ source: host.facts.sysctls.from, excerpt: 'net.ipv4.icmp_echo_ignore_all = 1' }]
    return lose(walk, 'no-answer', { ...source, used, why: `${host.name} answers no ping` })
  }
  const own = walk.direction === 'reply' ? { source: walk.source } : {}
  const flow = { destination: walk.destination, mark: 0, ...own }
  const answer = hostRoute(host, flow)
  if (answer.kind === 'route' && answer.route.type === 'local') {
    if (walk.direction === 'request') walk.source = walk.destination
    pass(walk, source)
    return deliverLocally(walk, host, { inLink: 'lo', route: answer.route })
  }
  if (walk.direction === 'request' && answer.kind === 'route') {
    const { link = '', gateway, source: preferred } = answer.route
    const chosen = preferred ?? sourceFor(host, link, gateway ?? walk.destination)
    if (chosen === undefined)
      return lose(walk, 'not-enough-facts', { ...source, why: `${host.name} has no address to send from` })
    walk.source = chosen
  }
  pass(walk, { ...source, why: `from ${formatAddress(walk.source)}` })
  const exit = exitOf(walk, host, { answer, stage: 'source' })
  if (exit === undefined || !isSent(walk, host, exit)) return undefined
  pass(walk, { stage: 'forward', host: host.name })
  pass(walk, routeHop(host, exit))
  return exit.place
}
