/**
 * The same walks as in route.ts: what packet filters do to the packets, at every hook of both hosts
 * and to the packets that carry them over the underlay. An accept holds in its own base chain only;
 * one drop is enough (Linux `net/netfilter/core.c`, `nf_hook_slow`).
 */
import type { Draft } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { dockerMasquerades } from '../expected/docker-masquerade.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { hostFilters } from '../trace/filter/host-filters.ts'
import { ruleEvidence } from '../trace/filter/rule-evidence.ts'
import type { LosingRule } from '../trace/filter/verdict.ts'
import { lossDraft } from '../trace/pairs/loss-draft.ts'
import {
  hidingRules,
  type Loss,
  lossesByChance,
  predictedLosses,
  undecidedReasons,
} from '../trace/pairs/losses.ts'
import { ownerOf, type RulePlace, removalFixes, rulePlace } from '../trace/pairs/rule-removal.ts'

const CARE = 'see which program wrote it, or it comes back'

/** What every finding about a rule says of it. */
function aboutRule(rule: LosingRule, at: RulePlace) {
  const { world, chain, by, packets = 'an unknown number of' } = rule
  const { network } = at
  const owner = ownerOf(rule, network) ?? CARE
  const data = { world, chain, rule: by, packets, network, owner }
  return { observed: by, data, fixes: removalFixes(rule, at) }
}

function codeOf({ hop }: Loss): 'redirects' | 'ttl-too-small' | 'drops' | 'drops-by-policy' {
  if (hop.predicted === 'expired') return 'ttl-too-small'
  if (hop.predicted === 'redirected') return 'redirects'
  return hop.rule?.byPolicy ? 'drops-by-policy' : 'drops'
}

function* losses<C extends string>(
  all: readonly Loss[],
  network: string,
  code: (loss: Loss) => C,
): Iterable<Draft<C>> {
  for (const loss of all) {
    const { rule } = loss.hop
    if (loss.kind !== 'rule' || rule === undefined) continue
    const [draft, about] = [lossDraft(loss), aboutRule(rule, rulePlace(loss.hop, network))]
    yield { ...draft, ...about, data: { ...draft.data, ...about.data }, code: code(loss) }
  }
}

/**
 * Masquerading between containers: flannel's own rules leave the network out. Docker's own rule does not; whether
 * it should be there is judged by netfilter/container-masquerade, which knows who was told to masquerade.
 */
function* hidden(snapshot: ClusterSnapshot, network: string): Iterable<Draft<'hides-source'>> {
  for (const { host, rule, ways } of hidingRules(snapshot)) {
    if (dockerMasquerades(rule.words?.join(' ') ?? rule.by) !== undefined) continue
    const evidence = ruleEvidence(rule, hostFilters(snapshot, host))
    const about = aboutRule(rule, { host, network })
    const object = `rule of ${rule.world} ${rule.chain}: ${rule.by}`
    yield { ...about, host, object, evidence, data: { ...about.data, ways }, code: 'hides-source' }
  }
}

export const check = defineClusterCheck({
  id: 'path/rule',
  title: 'Packet filter rules on the way of every pair',
  backends: 'any',
  needs: ['config', 'leases'],
  walks: true,
  findings: {
    drops: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a rule of {world} chain {chain} on {host} drops {carrier}{ways}: {rule}',
      fix: 'Delete the rule on {host}, or accept {network} before it; {owner}.',
    },
    'drops-by-policy': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the policy of {world} chain {chain} on {host} drops {carrier}{ways}: no rule before it accepts them',
      fix: 'Accept {network} before the policy on {host}; {owner}.',
    },
    redirects: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a NAT rule of {world} chain {chain} on {host} sends {carrier}{ways} elsewhere: {rule}',
      fix: 'Delete the rule on {host}: nothing may stand between the containers of a flannel network; {owner}.',
    },
    'ttl-too-small': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a rule of {world} chain {chain} on {host} writes a time to live into {ways} that does not last to the end: {rule}',
      fix: 'Delete the rule on {host}, or leave {network} out of it; {owner}.',
    },
    'drops-some': {
      severity: 'warning',
      effect: 'risk',
      confidence: 'likely',
      says: 'a rule of {world} chain {chain} on {host} drops a part of {carrier}{ways}, by chance: {rule}; {packets} packets have met it',
      fix: 'Delete the rule on {host}; {owner}.',
    },
    'hides-source': {
      severity: 'warning',
      effect: 'risk',
      confidence: 'certain',
      says: 'a NAT rule of {world} chain {chain} on {host} hides the sender of {ways}: the peer sees the host instead of the container: {rule}',
      fix: 'Leave {network} out of the rule on {host} (`! -d {network}`), or delete it; {owner}.',
    },
  },
  *evaluate({ cluster: { snapshot }, facts }) {
    const network = formatPrefix(maskPrefix(facts.config.network))
    yield* losses(predictedLosses(snapshot), network, codeOf)
    yield* losses(lossesByChance(snapshot), network, () => 'drops-some' as const)
    yield* hidden(snapshot, network)
    for (const unsure of undecidedReasons(snapshot, 'rule')) yield { unsure }
  },
})
