/** Answers that go astray because a rule gave the question a source that does not lead back. */
import { formatAddress } from '../../model/address.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import type { Drop } from '../trace.ts'
import type { Translation, Walk } from './state.ts'
import { viewOf } from './world.ts'

/** Ends that an answer finds on a way that is not its own; what filters, queues and sizes take is lost to them. */
const ASTRAY: ReadonlySet<Drop | 'delivered' | undefined> = new Set([
  'not-enough-facts',
  'no-route',
  'wrong-route',
  'no-neighbour',
  'captured',
  'reverse-path',
  'lost-on-underlay',
  'loop',
])

/** The last source that was written and not taken back, where it is no address of the host that wrote it. */
function foreignSource({ request, world, destination }: Walk): Translation | undefined {
  const made = request?.made.at(-1)
  if (made === undefined || made.container !== undefined || made.translated !== destination) return undefined
  const host = viewOf(world, made.host)
  return 'absent' in host || host.local.has(made.translated) ? undefined : made
}

/** True where nobody who was not looked at can have an address. */
function isWhole({ snapshot, hosts }: Walk['world']): boolean {
  return snapshot.complete && ![...hosts.values()].some((host) => 'absent' in host)
}

/** Names the rule for an answer that went astray; where it is only unknown who has the address, every host must have been read. */
export function blameTranslation(reply: Walk): void {
  const made = ASTRAY.has(reply.ends) ? foreignSource(reply) : undefined
  const last = reply.hops.at(-1)
  const host = made && viewOf(reply.world, made.host)
  if (made === undefined || last === undefined || host === undefined || 'absent' in host) return
  if (reply.ends === 'not-enough-facts' && !isWhole(reply.world)) return
  const { rule, translated } = made
  const why = `it goes to ${formatAddress(translated)}, which ${rule.chain} of ${made.host} wrote as source and ${made.host} does not have: ${rule.by}`
  reply.hops[reply.hops.length - 1] = { ...last, predicted: 'redirected', why }
  reply.ends = 'redirected'
  reply.culprit = {
    stage: 'forward',
    host: made.host,
    used: ruleEvidence(rule, host.filters),
    predicted: 'redirected',
    rule,
    why,
  }
}

/**
 * An answer from a port of the same bridge never meets the connection that was given to another destination, unless
 * bridges ask iptables (Linux `net/bridge/br_netfilter_hooks.c`): its sender knows nobody of that address.
 */
export function blameBypass(reply: Walk): void {
  const [made] = reply.request?.redirected ?? []
  const last = reply.hops.at(-1)
  if (made === undefined || last === undefined || reply.ends !== 'delivered') return
  if (reply.source === made.original) return
  const [asked, answers] = [made.original, reply.source].map(formatAddress)
  const why = `${asked} was asked and ${answers} answers: its answer passes no connection tracking on ${made.place}`
  reply.hops[reply.hops.length - 1] = { ...last, predicted: 'redirected', why, rule: made.rule }
  reply.ends = 'redirected'
}
