/** The cheapest command that decides between what may still have taken a packet. */

import { endName } from '../../model/path.ts'
import type { FollowedPacket } from '../../model/trace-observation.ts'
import type { Hop, Stage, Trace } from '../trace.ts'
import { lossOf } from './loss.ts'

/** What a trace does not say by itself. */
export interface StepFacts {
  /** Public addresses of hosts, by name. */
  readonly publicIps: ReadonlyMap<string, string>
  /** A rule that dropped it is known. */
  readonly isRuleKnown: boolean
  /** A kernel says that a packet filter dropped it. */
  readonly isFiltered: boolean
  /** What was sent in place of a ping. */
  readonly packet?: Pick<FollowedPacket, 'protocol' | 'destinationPort'>
}

const INSIDE = 'iptables -S; nft list ruleset; ip route'

/** The command that follows a ping between the same ends; flags make it another packet. */
function traceCommand({ direction, from, to }: Trace, flags = ''): string {
  const [asker, asked] = direction === 'request' ? [from, to] : [to, from]
  return `flannel-doctor trace ${endName(asker)} ${endName(asked)}${flags}`
}

function onUnderlay(trace: Trace, { publicIps, packet }: StepFacts): string {
  const { from, to } = trace
  if (packet !== undefined)
    return `\`${traceCommand(trace)}\`: where a ping arrives, something between the hosts looks into the tunnel and takes ${packet.protocol.toUpperCase()}; where none does, the overlay itself is filtered`
  const target = publicIps.get(to.host) ?? `the address of ${to.host}`
  return `on ${from.host}: \`ping -c 3 ${target}\`: an answer means that only the overlay's port is filtered between them, none that the underlay itself is broken`
}

/** The receiving host's own lookup tells routing from filtering (`ip route get … iif`, ip-route(8)). */
function decisiveLookup({ from, to }: Trace, { host }: Hop, link: string): string {
  return `on ${host}: \`ip route get ${to.address} from ${from.address} iif ${link}\`: an error or another link than expected means routing, otherwise a packet filter has it`
}

/** Where the packet came to the host on which it was lost. */
function entryOf({ hops }: Trace, hop: Hop): string | undefined {
  const at = hops.indexOf(hop)
  return hops.findLast(({ host, link }, index) => index < at && host === hop.host && link !== undefined)?.link
}

const lookup = (trace: Trace, hop: Hop): string => decisiveLookup(trace, hop, entryOf(trace, hop) ?? 'LINK')
const onLinks = (_: Trace, { host }: Hop): string =>
  `on ${host}: \`ip -s -s link show\` before and after a ping: the link whose TX errors grow drops it`
const onBridge = ({ to }: Trace, { host }: Hop): string =>
  `on ${host}: \`ip neigh show to ${to.address}; bridge link\` tells whether the container answers and its port forwards`

const STEPS: Readonly<Record<Stage, (trace: Trace, hop: Hop) => string>> = {
  source: ({ from, to }) =>
    `in ${endName(from)}: \`ip route get ${to.address}\` tells whether it has a way and which size it has learnt`,
  bridge: onBridge,
  forward: lookup,
  route: lookup,
  neighbour: onLinks,
  fdb: onLinks,
  encap: onLinks,
  underlay: onLinks,
  decap: (_, { host }) =>
    `on ${host}: \`nstat -az UdpNoPorts UdpInErrors UdpInCsumErrors\` before and after a ping: the counter that grows tells why`,
  'forward-in': lookup,
  'bridge-in': onBridge,
  target: ({ to }) =>
    `in ${endName(to)}: \`${INSIDE}\` shows whether its own rules or routes take the packet`,
}

/** True when walk, taps and kernel leave no doubt. */
function isDecided({ ends, agreement }: Trace): boolean {
  const isOpen = ends === 'not-enough-facts' || ends === 'lost-on-underlay' || ends === 'no-answer'
  return ends === 'delivered' || (!isOpen && agreement === 'confirmed')
}

function withIntrusion(trace: Trace, { packet }: StepFacts): string {
  const sent = packet === undefined ? '' : ` --${packet.protocol} ${packet.destinationPort}`
  return `\`${traceCommand(trace, `${sent} --intrude`)}\` names the rule`
}

function inStretch(trace: Trace): string | undefined {
  const { between = [], last } = lossOf(trace) ?? {}
  const hop = between[0] ?? last
  return hop && STEPS[hop.stage](trace, hop)
}

/** An answer tells its sender: the underlay address and MAC that bring it. */
function answerer({ hops, to }: Trace): string {
  const last = hops.findLast(({ seen, link }) => seen === true && link !== undefined)
  const where =
    last === undefined ? '' : `on ${last.host}: \`tcpdump -nne -c 4 -i ${last.link}\` during a ping: `
  return `${where}the host whose MAC or underlay address brings the answer has ${to.address}: there \`ip -4 addr show to ${to.address}\` shows it`
}

/** One sentence with the command that decides; undefined where nothing is open. */
export function nextStep(trace: Trace, facts: StepFacts): string | undefined {
  if (isDecided(trace) || facts.isRuleKnown) return undefined
  if (trace.ends === 'lost-on-underlay') return onUnderlay(trace, facts)
  if (trace.ends === 'captured') return answerer(trace)
  if (trace.ends === 'no-answer')
    return `in ${endName(trace.from)}: \`${INSIDE}\` shows whether its own rules or routes take the answer`
  return facts.isFiltered ? withIntrusion(trace, facts) : inStretch(trace)
}
