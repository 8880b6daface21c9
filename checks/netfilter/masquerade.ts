/**
 * With -ip-masq flanneld hides containers behind the host towards the outside and exempts
 * traffic inside its network (`pkg/trafficmngr/iptables/iptables.go`, `masqRules`; chain
 * FLANNEL-POSTRTG since v0.20.0). Since v0.8.0 one exemption names the host's own subnet, since
 * v0.21.0 three do: a rule for a former subnet leaves traffic to the own containers translated.
 */

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { containsPrefix, formatPrefix, maskPrefix, parsePrefix, samePrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import { generationPresent, hostRules, type SavedRule } from '../trace/filter/saved-rules.ts'
import { removalFixes } from '../trace/pairs/rule-removal.ts'
import { missingRuleDrafts } from './missing-rules.ts'

/** Exemptions that name one subnet of the network, whichever host it belongs to. */
function exemptedSubnet({ config, lease }: ExpectedHost, { words }: SavedRule): string | undefined {
  if (words.at(-1) !== 'RETURN') return undefined
  const network = formatPrefix(maskPrefix(config.network))
  const [subnet, ...others] = words.flatMap((word) => {
    const prefix = word === network ? undefined : parsePrefix(word)
    return prefix && containsPrefix(config.network, prefix) ? [prefix] : []
  })
  const namesNetwork = words.includes(network)
  if (subnet === undefined || others.length > 0 || !namesNetwork || samePrefix(subnet, lease.subnet))
    return undefined
  return subnet.length === config.subnetLength ? formatPrefix(subnet) : undefined
}

export const check = defineHostCheck({
  id: 'netfilter/masquerade',
  title: "flannel's masquerade rules",
  backends: 'any',
  needs: ['iptables'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld runs with -ip-masq on {host}, which lacks {count} of its rules, the first of them {first}',
      fix: 'See that flanneld runs and can run iptables; restarting it writes the rules again. Until then containers reach no address outside the network, or peers see a translated source.',
      heal: [RESTART_FLANNELD],
      explains: [{ code: 'netfilter/container-masquerade:none', when: 'same-host' }],
    },
    'stale-subnet': {
      severity: 'warning',
      confidence: 'certain',
      says: 'a masquerade exemption on {host} is for {observed}, but the lease of the host is {expected}: {rule}',
      fix: 'Delete the rule on {host}; if it comes back restart flanneld, which then goes by the present subnet.',
      explains: [
        { code: 'netfilter/masquerade:missing', when: 'same-host' },
        { code: 'netfilter/container-masquerade:hides-source', when: 'same-host' },
      ],
    },
  },
  *evaluate({ host, expected, cluster }): Iterable<Draft<'missing' | 'stale-subnet'> | Unsure> {
    const { rules, unread } = hostRules(cluster.snapshot.hosts.get(host))
    const masqueradeRules =
      expected.masqueradeRules ?? generationPresent(expected.possibleMasqueradeRules, rules)
    if (masqueradeRules === undefined) {
      yield { unsure: "flanneld's version or -ip-masq is unknown" }
      return
    }
    const chains = new Set(masqueradeRules.map(({ chain }) => chain))
    const inChains = rules.filter(({ table, chain }) => table === 'nat' && chains.has(chain))
    const own = formatPrefix(maskPrefix(expected.lease.subnet))
    const network = formatPrefix(maskPrefix(expected.config.network))
    for (const rule of inChains) {
      const observed = exemptedSubnet(expected, rule)
      if (observed === undefined) continue
      const data = { rule: rule.text }
      const fixes = removalFixes(rule.identity, { host, network })
      yield { code: 'stale-subnet', object: named('rule', rule.text), expected: own, observed, data, fixes }
    }
    yield* missingRuleDrafts(masqueradeRules, { rules, unread })
  },
})
