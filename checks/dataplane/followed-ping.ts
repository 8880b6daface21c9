/**
 * One ping that was lost, followed from end to end: links it was seen on, what kernels say of its drop, the rule or counter
 * that took it (Linux `include/net/dropreason-core.h`; nft(8), `meta nftrace`; iptables-save -c). flannel promises that every
 * container reaches every other (flannel README): wherever it was lost, that is the loss.
 */
import type { Draft, Ends } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { knownValue } from '../expected/observed-host.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { endName } from '../model/path.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { sharesOpenRule } from '../trace/seen/lost-pings.ts'
import { packetText } from '../trace/seen/walked-packet.ts'
import {
  type LostPing,
  lossEvidence,
  lostOn,
  lostPings,
  ruleFixes,
  ruleText,
  type Taker,
  takerOf,
} from './lost-ping.ts'

/** Both ends, where a third host has it: what led it there concerns them. */
function endsOf({ trace: { from, to } }: LostPing, host: string): Ends | undefined {
  const isThird = host !== from.host && host !== to.host && from.host !== to.host
  return isThird ? { host: from.host, peer: to.host } : undefined
}

/** The other end; none within one host, and none where a third host took the ping, whatever led it there. */
function peerOf({ trace: { from, to } }: LostPing, host: string): string | undefined {
  if (host === from.host) return to.host === host ? undefined : to.host
  return host === to.host ? from.host : undefined
}

/** Pings of the same ends are answered, so that the tunnel itself passes. */
const INSIDE_TUNNEL =
  'Look between the two hosts for what treats packets by what is inside the tunnel: filters of the network, of the hypervisor or of a network card that look into it. The checksum of this packet was right; where `check --probe` loses connections and `trace` does not, a link makes wrong ones: `ethtool -K LINK tx-checksum-ip-generic off` for the flannel link of both hosts.'

/** A rule that pings between other hosts are left open at takes those as well. */
function isOfEveryPeer(snapshot: ClusterSnapshot, { observation }: LostPing): boolean {
  const { from, to, size, packet } = observation
  return sharesOpenRule(snapshot, { pair: { from, to }, size, ...present({ packet }) })
}

function draftOf(snapshot: ClusterSnapshot, lost: LostPing, network: string | undefined): Draft<Taker> {
  const { trace, observation } = lost
  const code = takerOf(lost)
  const host = lostOn(lost, code)
  const peer = code === 'rule' && isOfEveryPeer(snapshot, lost) ? undefined : peerOf(lost, host)
  const fixes = ['rule', 'predicted'].includes(code) ? ruleFixes(lost, network) : []
  const what = packetText(observation)
  return {
    code,
    host,
    ...present({ peer, ends: endsOf(lost, host) }),
    object: `${what} ${endName(observation.from)} to ${endName(observation.to)}`,
    expected: `every ${what} answered`,
    observed: `0 of ${observation.ping.sent} answered, ${observation.size} bytes`,
    data: {
      what,
      says: trace.says,
      rule: trace.says.includes(ruleText(lost)) ? '' : `${ruleText(lost)}; `,
      host,
      next: trace.next ?? 'compare what the last two links of the trace say',
    },
    evidence: lossEvidence(lost),
    ...(fixes.length > 0 && { fixes }),
    ...(code === 'underlay' && observation.packet !== undefined && { fix: INSIDE_TUNNEL }),
  }
}

/** Drafts with the same commands for one host are about one rule; each without a command is about itself. */
function ruleOf(draft: Draft<Taker>): unknown {
  const commands = draft.fixes?.map(({ command }) => command)
  return commands === undefined ? draft : [draft.host, draft.code, ...commands].join('\n')
}

/** Whom a draft concerns besides its host. */
const concerned = ({ peer, ends }: Draft<Taker>): string => JSON.stringify([peer, ends])

/** One rule is one cause, whosever pings it took: its command is typed once, and is for none of the peers alone. */
function onePerRule(drafts: readonly Draft<Taker>[]): readonly Draft<Taker>[] {
  return [...Map.groupBy(drafts, ruleOf).values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.every((one) => concerned(one) === concerned(first))) return first ?? []
    const { peer, ends, ...ofEvery } = first
    return ofEvery
  })
}

export const check = defineClusterCheck({
  id: 'dataplane/followed-ping',
  title: 'A lost ping followed on its way',
  backends: 'any',
  needs: [],
  observes: ['trace'],
  findings: {
    rule: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a packet-filter rule took a {what} that was followed: {rule}{says}',
      fix: 'Remove that rule on {host}, or let the flannel network pass before it.',
    },
    program: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'a {what} that was followed was lost where a BPF program of {host} decides about packets: {says}',
      fix: 'See whose program it is and what it drops (`bpftool prog show`), and let the flannel network pass there. `ip link set dev LINK xdp off` takes an XDP program off, `tc filter del dev LINK ingress` those of tc.',
    },
    dropped: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the kernel of {host} dropped a {what} that was followed: {says}',
      fix: 'Next: {next}',
    },
    underlay: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a {what} that was followed left {host} and never reached the other host: {says}',
      fix: 'Let the overlay pass between the two hosts: firewalls, security groups, the hypervisor. Fabrics and hypervisors that speak VXLAN themselves commonly take UDP 8472 or 4789: another Backend.Port shows it. Next: {next}',
    },
    captured: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'another host took a {what} that was followed: {says}',
      fix: 'Find who has the address: {next}',
    },
    unanswered: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a {what} that was followed came to its end and was not answered: {says}',
      fix: 'Next: {next}',
    },
    predicted: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a {what} that was followed was lost as the collected state says: {says}',
      fix: 'Change on {host} what the message names.',
    },
    'too-large': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a large {what} that was followed was lost: {says}',
      fix: 'Give every link on the way room for it, or flannel a smaller MTU: the smallest MTU between two hosts decides. Next: {next}',
    },
    vanished: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'a {what} that was followed was lost and neither state nor kernel says why; links, routes, neighbours, FDB and filters as collected let it pass: {says}',
      fix: 'Next: {next}',
    },
  },
  *evaluate({ cluster: { snapshot } }) {
    const config = knownValue(snapshot.datastore.config)
    const network = config && formatPrefix(maskPrefix(config.network))
    yield* onePerRule(lostPings(snapshot).map((lost) => draftOf(snapshot, lost, network)))
  },
})
