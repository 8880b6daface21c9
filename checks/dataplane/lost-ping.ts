/** What is known of a ping that was followed and lost: what took it, on which host, and what shows it. */
import type { Evidence } from '../check.ts'
import type { Fix } from '../heal-step.ts'
import { shellWord } from '../model/shell-words.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { CountedRule, TraceObservation } from '../model/trace-observation.ts'
import { removalFixes, rulePlace } from '../trace/pairs/rule-removal.ts'
import { isOpenAtRule } from '../trace/seen/counted-rule.ts'
import { type JudgedTrace, judgePing } from '../trace/seen/judged-trace.ts'
import type { LossSite } from '../trace/seen/loss-site.ts'
import { hopText } from '../trace/text/trace-sentence.ts'
import type { Hop } from '../trace/trace.ts'

/** What took it. */
export type Taker =
  | 'rule'
  | 'program'
  | 'dropped'
  | 'underlay'
  | 'captured'
  | 'unanswered'
  | 'predicted'
  | 'too-large'
  | 'vanished'

/** A rule or policy whose counter grew while the packet was out. */
interface GrownRule {
  readonly host: string
  readonly rule: CountedRule
  readonly by: number
}

/** One lost direction with everything that is known of it. */
export interface LostPing {
  readonly trace: JudgedTrace
  readonly observation: TraceObservation
  readonly loss: LossSite | undefined
  readonly grown: readonly GrownRule[]
}

/** A rule for another protocol than the packet's has counted others; that of the tunnel around it is UDP. */
function isForOthers({ rule = '' }: CountedRule, protocol: string): boolean {
  const [, asked = protocol] = / -p (tcp|icmp)\b/.exec(rule) ?? []
  return asked !== protocol
}

function grownRules({ counters, packet }: TraceObservation): readonly GrownRule[] {
  const protocol = packet?.protocol ?? 'icmp'
  return counters.flatMap(({ host, deltas }) =>
    deltas.flatMap((delta) =>
      delta.kind === 'rule' && !isForOthers(delta.rule, protocol)
        ? [{ host, rule: delta.rule, by: delta.by }]
        : [],
    ),
  )
}

/** Directions that were sent and lost; a packet larger than its own ends take is no fault of the network. */
export function lostPings(snapshot: ClusterSnapshot): readonly LostPing[] {
  return (snapshot.observations ?? []).flatMap((observation) => {
    if (observation.kind !== 'trace' || observation.ping.sent === 0) return []
    const { traces, loss } = judgePing(snapshot, observation)
    const trace = traces.find(({ ends, endsTake }) => ends !== 'delivered' && endsTake === undefined)
    return trace === undefined ? [] : [{ trace, observation, loss, grown: grownRules(observation) }]
  })
}

/** Ends that are no drop of the collected state. */
const OPEN_ENDS: ReadonlySet<string> = new Set(['not-enough-facts', 'no-answer', 'lost-on-underlay'])

/** A rule trace names it; a counter does where the kernel says nothing else. */
function isRule({ trace: { rule, dropReason }, grown }: LostPing): boolean {
  const isFiltered = dropReason === undefined || dropReason === 'NETFILTER_DROP'
  return rule !== undefined || (isFiltered && grown.length > 0)
}

/** Where a BPF program decides, of XDP or of tc: the walk ends there, open. */
function programHop({ hops, ends }: JudgedTrace): Hop | undefined {
  if (ends !== 'not-enough-facts') return undefined
  return hops.find(({ predicted, why = '' }) => predicted === ends && /\b(?:XDP|BPF) program\b/.test(why))
}

const TAKERS: readonly (readonly [Taker, (lost: LostPing) => boolean])[] = [
  ['too-large', ({ trace, observation }) => observation.isLarge === true || trace.ends === 'too-big'],
  ['underlay', ({ trace }) => trace.ends === 'lost-on-underlay' && trace.rule === undefined],
  ['captured', ({ trace }) => trace.ends === 'captured'],
  ['program', ({ trace }) => programHop(trace) !== undefined],
  ['rule', isRule],
  ['predicted', ({ trace }) => !OPEN_ENDS.has(trace.ends)],
  ['dropped', ({ trace }) => trace.dropReason !== undefined],
  ['unanswered', ({ trace }) => trace.ends === 'no-answer'],
]

/** What took it, as near as is known. */
export function takerOf(lost: LostPing): Taker {
  return TAKERS.find(([, isIt]) => isIt(lost))?.[0] ?? 'vanished'
}

/** The rule as a person reads it: of a rule trace, else of the counter that grew. */
export function ruleText({ trace, grown }: LostPing): string {
  const [first] = grown
  if (trace.rule !== undefined || first === undefined) return trace.rule ?? ''
  const { table, chain, rule, target } = first.rule
  return `${first.host}: ${table} ${rule ?? `${chain} policy ${target ?? ''}`}, which counted ${first.by} more`
}

function lastSeenOf({ hops, lastSeen }: JudgedTrace): Hop | undefined {
  return lastSeen === undefined ? undefined : hops[lastSeen]
}

/** Where it was lost: by the kernel's word, the rule's host, the stretch between two taps, the last tap. */
export function lostOn({ trace, loss, grown }: LostPing, taker: Taker): string {
  const known =
    taker === 'underlay' ? trace.from.host : taker === 'program' ? programHop(trace)?.host : undefined
  return known ?? toldHost({ trace, loss, grown }, taker)
}

function toldHost({ trace, loss, grown }: Omit<LostPing, 'observation'>, taker: Taker): string {
  const told = [
    trace.droppedIn?.host,
    taker === 'rule' ? grown[0]?.host : undefined,
    loss?.at[0]?.host,
    lastSeenOf(trace)?.host,
  ]
  return told.find((host) => host !== undefined) ?? trace.from.host
}

function toolOf(rule: CountedRule): string {
  return { legacy: 'iptables-legacy', nft: 'iptables' }[rule.backend]
}

/** Of a loss that the state explains, the commands against the rule that the walk met. */
function predictedFixes({ hops, rule: named }: JudgedTrace, network: string): readonly Fix[] {
  const hop = hops.find(
    (one) =>
      one.rule !== undefined &&
      (one.predicted === 'filtered' || (isOpenAtRule(one) && named?.includes(one.rule.by) === true)),
  )
  return hop?.rule === undefined ? [] : removalFixes(hop.rule, rulePlace(hop, network))
}

/** The command that takes away one rule of iptables; none for a policy, or for words that need quotes of their own. */
export function ruleFixes({ grown, trace }: LostPing, network: string | undefined): readonly Fix[] {
  const known = network === undefined ? [] : predictedFixes(trace, network)
  if (known.length > 0) return known
  const [first, ...others] = grown
  const text = first?.rule.rule
  if (first === undefined || text === undefined || others.length > 0) return []
  if (trace.agreement === 'confirmed' || /["'\\]/.test(text)) return []
  const words = text.split(' ').slice(1).map(shellWord)
  if (words.includes(undefined)) return []
  const command = (flag: string): string =>
    [toolOf(first.rule), '-t', first.rule.table, flag, ...words].join(' ')
  const effect = 'the rule no longer takes these packets'
  return [{ host: first.host, command: command('-D'), undo: command('-I'), effect, restartProof: false }]
}

function derived(host: string, command: string, excerpt: string): Evidence {
  return { source: { host, section: 'trace', command }, excerpt, derived: true }
}

function seenEvidence({ trace, observation }: LostPing): readonly Evidence[] {
  const last = lastSeenOf(trace)
  const missing = trace.hops.find(({ seen }, index) => index > (trace.lastSeen ?? -1) && seen === false)
  const at = last ?? missing
  if (at === undefined) return []
  const seen = [last && `seen on ${hopText(last)}`, missing && `not on ${hopText(missing)}`].filter(Boolean)
  const { packet } = observation
  const filter = packet === undefined ? 'icmp' : `${packet.protocol} port ${packet.destinationPort}`
  const excerpt = `${trace.direction} of ${observation.size} bytes: ${seen.join(', ')}`
  return [derived(at.host, `tcpdump -ni ${at.link ?? 'any'} ${filter}`, excerpt)]
}

function kernelEvidence({ dropReason, droppedIn, from }: JudgedTrace): readonly Evidence[] {
  if (dropReason === undefined) return []
  const host = droppedIn?.host ?? from.host
  const where = droppedIn?.location ?? 'the kernel'
  return [derived(host, 'trace-cmd record -e skb:kfree_skb', `${dropReason} in ${where}`)]
}

/** What shows it: taps, the kernel's word, counters. */
export function lossEvidence(lost: LostPing): readonly Evidence[] {
  return [
    ...seenEvidence(lost),
    ...kernelEvidence(lost.trace),
    ...lost.grown
      .slice(0, 2)
      .map(({ host, rule, by }) =>
        derived(
          host,
          `${toolOf(rule)}-save -c -t ${rule.table}`,
          `${rule.rule ?? `:${rule.chain} ${rule.target ?? ''}`} (+${by})`,
        ),
      ),
  ]
}
