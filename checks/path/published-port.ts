/**
 * Ports that a host publishes for containers: destination NAT, which Docker, the port mapping of CNI or a person writes. A
 * rule outlives its container where Docker was killed or a CNI plugin's DEL failed, and where people wrote it: packets then
 * go to an address that nobody has, or to whoever gets it next. The first rule that matches decides (Linux
 * `net/netfilter/nf_nat_core.c`, one translation per connection), so that such a rule hides a newer one behind it.
 */
import type { Draft } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { hostFilters } from '../trace/filter/host-filters.ts'
import { ruleEvidence } from '../trace/filter/rule-evidence.ts'
import type { LosingRule } from '../trace/filter/verdict.ts'
import { type LostPort, lostPorts } from '../trace/pairs/port-ways.ts'
import { removalFixes, rulePlace } from '../trace/pairs/rule-removal.ts'

type Code = 'nobody' | 'hidden' | 'taken' | 'unasked' | 'dropped'

function isSame(one: LosingRule, other: LosingRule): boolean {
  return one.by === other.by && one.chain === other.chain && one.position === other.position
}

/** The rule that a finding is about: the one that takes the packets, where it is not that of the port. */
function ruleOf({ published, way }: LostPort): LosingRule {
  if (way.kind === 'taken') return way.by
  return (way.kind === 'lost' ? way.hop.rule : undefined) ?? published.rule
}

const CODES = { nobody: 'nobody', taken: 'taken', unasked: 'unasked', lost: 'dropped' } as const

function draftOf(
  lost: LostPort,
  code: Code,
  { snapshot, network }: { readonly snapshot: ClusterSnapshot; readonly network: string },
): Draft<Code> {
  const { host, published, end, way } = lost
  const rule = ruleOf(lost)
  const port = `${published.protocol} ${published.hostPort}`
  const to = `${published.address}:${published.port}`
  const { world, chain, by } = rule
  const place = way.kind === 'lost' ? rulePlace(way.hop, network) : { host, network }
  return {
    code,
    host,
    object: `port ${port}, rule of ${world} ${chain}: ${by}`,
    expected: `given to ${to}`,
    observed: by,
    data: {
      ...{ port, to, world, chain, rule: by, own: published.rule.by, container: end?.container ?? to },
      why: way.kind === 'nobody' ? way.why : '',
      elsewhere: way.kind === 'taken' ? way.to : '',
    },
    evidence: ruleEvidence(rule, hostFilters(snapshot, host)),
    ...(code !== 'unasked' && { fixes: removalFixes(rule, place) }),
  }
}

export const check = defineClusterCheck({
  id: 'path/published-port',
  title: 'Ports of containers that hosts publish',
  backends: 'any',
  needs: ['config', 'leases'],
  findings: {
    nobody: {
      severity: 'warning',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} gives what comes to its port {port} to {to}: {why}: {world} chain {chain}: {rule}',
      fix: 'Delete the rule on {host}: whoever gets that address next gets what is sent to the port. Docker and CNI delete their rules with the container; what is left is nobody’s.',
    },
    hidden: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'port {port} of {host}, published for container {container}, does not reach it: a rule before gives it {elsewhere}, which nobody has: {world} chain {chain}: {rule}',
      fix: 'Delete that rule on {host}; connections that are known keep their way until they end, or `conntrack -D` ends them.',
    },
    taken: {
      severity: 'warning',
      unseenByPings: true,
      confidence: 'likely',
      says: 'port {port} of {host}, published for container {container}, does not reach it: a rule before gives it {elsewhere}: {world} chain {chain}: {rule}',
      fix: 'Delete that rule on {host}, or publish the container at another port: which of both is meant is for people to say.',
    },
    unasked: {
      severity: 'warning',
      unseenByPings: true,
      confidence: 'likely',
      says: 'port {port} of {host}, published for container {container}, is not given to it: no rule leads packets to {world} chain {chain}, which holds {own}',
      fix: 'Have the program that wrote the chain write all its rules again: restart Docker on {host}, or start the pod anew. Until then only Docker’s proxy process, where there is one, takes connections to the port.',
    },
    dropped: {
      severity: 'info',
      unseenByPings: true,
      confidence: 'certain',
      says: 'port {port} of {host} is published for container {container} and closed to the other hosts: {world} chain {chain}: {rule}',
      fix: 'Nothing, if the port is meant for others than the hosts of the network; else delete the rule on {host}.',
    },
  },
  *evaluate({ cluster: { snapshot }, facts }) {
    const about = { snapshot, network: formatPrefix(maskPrefix(facts.config.network)) }
    const lost = lostPorts(snapshot, facts.config.network)
    const dead = (one: LostPort) =>
      lost.some(
        ({ host, way, published }) =>
          way.kind === 'nobody' && host === one.host && isSame(published.rule, ruleOf(one)),
      )
    const hidden = lost.filter((one) => one.way.kind === 'taken' && dead(one))
    const told = (one: LostPort) =>
      hidden.some((other) => other.host === one.host && isSame(ruleOf(other), one.published.rule))
    for (const one of lost) {
      if (hidden.includes(one)) yield draftOf(one, 'hidden', about)
      else if (one.way.kind !== 'nobody' || !told(one)) yield draftOf(one, CODES[one.way.kind], about)
    }
  },
})
