/** What kind of thing takes a lost packet, and which one it is. */
import type { Drop, Hop, Stage } from '../trace.ts'
import { factOf } from '../walk/container-view.ts'
import type { LostWalk } from './predictions.ts'

/** The kinds, each a check of the layer path. */
export type LossKind = 'rule' | 'route' | 'neighbour' | 'link' | 'size'

const KINDS: Readonly<Record<Drop, LossKind>> = {
  filtered: 'rule',
  redirected: 'rule',
  expired: 'rule',
  'no-route': 'route',
  'wrong-route': 'route',
  'forwarding-off': 'route',
  'reverse-path': 'route',
  ipsec: 'route',
  queue: 'link',
  captured: 'route',
  loop: 'route',
  'no-neighbour': 'neighbour',
  'wrong-neighbour': 'neighbour',
  'no-fdb': 'neighbour',
  'wrong-vtep': 'neighbour',
  'link-down': 'link',
  'not-listening': 'link',
  'vni-mismatch': 'link',
  'no-answer': 'link',
  'lost-on-underlay': 'link',
  'too-big': 'size',
  'not-enough-facts': 'route',
}

/** Where no link is named. */
const PLACES: Readonly<Partial<Record<Stage, string>>> = {
  encap: 'tunnel',
  decap: 'tunnel',
  underlay: 'underlay',
}

/** Facts whose lines say themselves what they are about. */
const NAMED_BY: Readonly<Record<string, (line: string) => string>> = {
  sysctls: (line) => `sysctl ${line}`,
  xfrm: (line) => `IPsec policy ${line}`,
  trafficControl: (line) => line,
}

/** The kind of a loss; of one that is not known, what leaves it open. */
export function lossKind({ predicted, rule, stage }: Hop): LossKind {
  if (predicted === 'forwarded' || predicted === 'not-enough-facts')
    return rule === undefined ? 'route' : 'rule'
  // The sender's route may be told to write it, or the link.
  if (predicted === 'expired' && rule === undefined) return stage === 'source' ? 'route' : 'link'
  return KINDS[predicted]
}

/** The container in whose own network a packet is lost; undefined on a host. */
export function insideOf({ stage, container }: Hop): string | undefined {
  return stage === 'source' || stage === 'target' ? container : undefined
}

/** Where a packet is lost, in words: a host, or a container of it. */
export function placeText(hop: Hop): string {
  const container = insideOf(hop)
  return container === undefined ? hop.host : `container ${container} of ${hop.host}`
}

/** What the packet is lost to, in the words of the field: `rule of iptables-nft filter/FORWARD: -A …`, `link eth0`. */
export function lostTo(walk: LostWalk): string {
  const inside = insideOf(walk.hop)
  return inside === undefined ? thingText(walk) : `container ${inside}: ${thingText(walk)}`
}

function thingText({ hop, trace }: LostWalk): string {
  const { rule, link, used, stage } = hop
  if (rule !== undefined) return `rule of ${rule.world} ${rule.chain}: ${rule.by}`
  const kind = lossKind(hop)
  const [first] = used
  if (first !== undefined) {
    const named = NAMED_BY[factOf(first.source)]
    if (named !== undefined) return named(first.excerpt)
  }
  if (kind === 'size' || kind === 'link')
    return link === undefined ? (PLACES[stage] ?? stage) : `link ${link}`
  return first === undefined ? `${kind} to ${trace.to.host}` : `${kind} ${first.excerpt}`
}
