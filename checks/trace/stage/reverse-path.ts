/**
 * Source validation on arrival: a source that is the host's own is always refused; with
 * rp_filter the way back must exist (2) or lead out by the same link (1). The greater of
 * conf.all and conf.LINK counts (Linux `net/ipv4/fib_frontend.c`, `fib_validate_source`).
 */
import type { Evidence } from '../../check.ts'
import { formatAddress } from '../../model/address.ts'
import type { Headers } from '../filter/packet.ts'
import { hostRoute } from '../lookup/host-route.ts'
import { linkSetting, linkSettingName } from '../lookup/link-setting.ts'
import type { RouteAnswer } from '../lookup/rules-lookup.ts'
import { routeText } from '../text/route-text.ts'
import type { Drop } from '../trace.ts'
import { type HostView, line } from '../walk/world.ts'

/** A packet as it comes in. */
export interface Incoming {
  readonly source: number
  readonly destination: number
  readonly link: string
  readonly headers: Pick<Headers, 'protocol' | 'sourcePort' | 'destinationPort'>
}

/** Why the source is not accepted. */
export interface Refused {
  readonly drop: Drop
  readonly why: string
  readonly used: readonly Evidence[]
}

function mode({ sysctls }: HostView, link: string): number | undefined {
  const [all, own] = [sysctls.get('net.ipv4.conf.all.rp_filter'), linkSetting(sysctls, link, 'rp_filter')]
  if (all === '2' || own === '2') return 2
  return all === undefined || own === undefined ? undefined : Math.max(Number(all), Number(own))
}

function answerText(answer: RouteAnswer): string {
  if (answer.kind === 'route') return routeText(answer.route)
  return answer.kind === 'refused' ? `${answer.action} by policy rule` : 'no route'
}

/** True when the mode, whatever it is, cannot drop the packet. */
function isStraight(answer: RouteAnswer, link: string): boolean {
  return answer.kind === 'route' && answer.route.type === 'unicast' && answer.route.link === link
}

function ownSource(host: HostView, source: number): Refused {
  const from = formatAddress(source)
  const owner = host.addresses.find(({ prefix }) => prefix?.address === source)
  const used = [line(host, 'addresses', `${from} dev ${owner?.link ?? ''}`)]
  return { drop: 'reverse-path', why: `the source ${from} is an address of ${host.name} itself`, used }
}

/** The refusal of an incoming packet's source; undefined when it is accepted. */
export function refusedSource(host: HostView, incoming: Incoming): Refused | undefined {
  const { source, destination, link, headers } = incoming
  if (host.local.has(source)) return ownSource(host, source)
  const answer = hostRoute(host, { source: destination, destination: source, mark: 0, headers })
  const now = mode(host, link)
  if (isStraight(answer, link) || now === 0) return undefined
  const name = linkSettingName(link, 'rp_filter')
  if (now === undefined) return { drop: 'not-enough-facts', why: `${name} was not read`, used: [] }
  if (answer.kind === 'unknown') return { drop: 'not-enough-facts', why: answer.why, used: [] }
  if (now === 2 && answer.kind === 'route' && answer.route.type === 'unicast') return undefined
  const back = answerText(answer)
  return {
    drop: 'reverse-path',
    why: `${name} = ${now} and the way back to ${formatAddress(source)} is: ${back}`,
    used: [line(host, 'routes', back), line(host, 'sysctls', `${name} = ${now}`)],
  }
}
