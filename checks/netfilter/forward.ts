/**
 * flannel routes containers' packets through the host, so every base chain at hook forward
 * must accept them: from the overlay link to the container bridge and back. Since v0.10.0
 * flannel appends its own accepts (`pkg/trafficmngr/iptables/iptables.go`, `forwardRules`),
 * which hold in their own base chain only. Docker 1.13 and later sets the policy to DROP when
 * it turned on ip_forward itself (moby `libnetwork/drivers/bridge/setup_ip_forwarding.go`).
 */
import { defineHostCheck } from '../define.ts'
import { tableLossDrafts } from '../trace/pairs/table-loss-draft.ts'

const explains = [
  { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
  { code: 'netfilter/local-forward:dropped', when: 'same-host' },
  { code: 'netfilter/forward-policy:drop-bypassed', when: 'same-host' },
] as const

export const check = defineHostCheck({
  id: 'netfilter/forward',
  title: 'Forwarding between the overlay and the container bridge',
  backends: 'any',
  needs: ['links', 'addresses'],
  walks: true,
  needsExpected: true,
  findings: {
    'drop-policy': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the policy DROP of {world} chain {chain} on {host} drops container traffic ({ways}); {packets} packets have met it',
      fix: 'Accept {network} before the policy, in a rule that is written at every boot{owner}.',
      explains,
    },
    'drop-rule': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'a rule of {world} chain {chain} on {host} drops container traffic ({ways}): {observed}; {packets} packets have met it',
      fix: 'Remove the rule, or accept {network} before it{owner}.',
      explains,
    },
  },
  *evaluate({ host, expected, cluster: { snapshot } }) {
    for (const loss of tableLossDrafts({ snapshot, host, expected, table: 'forward' })) {
      if ('unsure' in loss) yield loss
      else yield { ...loss.draft, code: loss.byPolicy ? ('drop-policy' as const) : ('drop-rule' as const) }
    }
  },
})
