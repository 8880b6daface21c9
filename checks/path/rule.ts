/**
 * The same walks as in route.ts: what packet filters do to the packets, at every hook of both hosts
 * and to the packets that carry them over the underlay. An accept holds in its own base chain only;
 * one drop is enough (Linux `net/netfilter/core.c`, `nf_hook_slow`).
 */
import { defineClusterCheck } from '../define.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { lossDraft } from '../trace/pairs/loss-draft.ts'
import { predictedLosses, undecidedReasons } from '../trace/pairs/losses.ts'
import { ownerOf, removalFixes } from '../trace/pairs/rule-removal.ts'

export const check = defineClusterCheck({
  id: 'path/rule',
  title: 'Packet filter rules on the way of every pair',
  backends: 'any',
  needs: ['config', 'leases'],
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
  },
  *evaluate({ cluster, facts }) {
    const network = formatPrefix(maskPrefix(facts.config.network))
    for (const loss of predictedLosses(cluster.snapshot)) {
      const { rule, host } = loss.hop
      if (loss.kind !== 'rule' || rule === undefined) continue
      const draft = lossDraft(loss)
      const { world, chain, by, byPolicy } = rule
      const owner = ownerOf(rule, network) ?? 'see which program wrote it, or it comes back'
      const data = { ...draft.data, world, chain, rule: by, network, owner }
      const fixes = removalFixes(host, rule, network)
      yield { ...draft, observed: by, data, fixes, code: byPolicy ? 'drops-by-policy' : 'drops' }
    }
    for (const unsure of undecidedReasons(cluster.snapshot, 'rule')) yield { unsure }
  },
})
