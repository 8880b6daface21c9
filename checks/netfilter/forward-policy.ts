/**
 * A FORWARD policy of DROP on a host where nothing else manages the chain: flannel's own
 * accepts (`pkg/trafficmngr/iptables/iptables.go`, `forwardRules`, v0.10.0 and later) are then
 * all that lets containers talk. Docker, Kubernetes and firewall managers also set the policy,
 * but bring rules of their own into the chain; that is their ordinary state and no finding.
 */

import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { IptablesRule } from '../model/netfilter.ts'

const FLANNEL_CHAIN = 'FLANNEL-FWD'

/** flannel's jump or its two accepts of v0.10.0 to v0.19.2, which carry no other match. */
function isFlannels({ words }: IptablesRule): boolean {
  if (words.includes(FLANNEL_CHAIN)) return true
  const plain = words.filter((word, index) => word !== 'comment' && words[index - 1] !== '--comment')
  const matches = plain.filter(
    (word) => word.startsWith('-') && !['-A', '-m', '--comment', '-j'].includes(word),
  )
  return words.at(-1) === 'ACCEPT' && matches.length === 1 && (matches[0] === '-s' || matches[0] === '-d')
}

export const check = defineHostCheck({
  id: 'netfilter/forward-policy',
  title: 'FORWARD policy that only flannel outweighs',
  backends: 'any',
  needs: ['iptables'],
  needsExpected: false,
  findings: {
    'drop-bypassed': {
      severity: 'warning',
      confidence: 'likely',
      says: "the FORWARD policy of {host} is DROP and only flannel's own accepts outweigh it: without them no container packet passes",
      fix: 'If nobody needs the policy: `iptables -P FORWARD ACCEPT` on {host}. Otherwise accept the network in a rule of your own, so that it does not hang on flanneld alone.',
      heal: [
        run(
          'iptables -P FORWARD ACCEPT',
          'nothing hangs on the accepts of flannel alone',
          'iptables -P FORWARD DROP',
        ),
      ],
    },
  },
  *evaluate({ facts }) {
    const policy = facts.iptables.chains.find(({ table, name }) => table === 'filter' && name === 'FORWARD')
    if (policy?.policy !== 'DROP') return
    const rules = facts.iptables.rules.filter(({ table, chain }) => table === 'filter' && chain === 'FORWARD')
    if (rules.length === 0 || !rules.every(isFlannels)) return
    yield {
      code: 'drop-bypassed',
      object: named('chain', 'filter/FORWARD'),
      expected: 'policy ACCEPT',
      observed: 'policy DROP',
      prints: [':FORWARD', 'DROP'],
    }
  },
})
