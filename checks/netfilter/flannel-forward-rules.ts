/**
 * flanneld keeps accepts for its network at hook forward: in FORWARD since v0.10.0, in its
 * own chain FLANNEL-FWD since v0.20.0 (`pkg/trafficmngr/iptables/iptables.go`, `forwardRules`),
 * in table `ip flannel-ipv4` when EnableNFTables is set (`pkg/trafficmngr/nftables/nftables.go`).
 * A running flanneld puts lost iptables rules back every -iptables-resync seconds (5).
 */

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import type { HostSnapshot } from '../model/snapshot.ts'
import { generationPresent, hostRules } from '../trace/filter/saved-rules.ts'
import { missingRuleDrafts } from './missing-rules.ts'

/** flannel `pkg/trafficmngr/nftables/nftables.go`, `ipv4Table` and `forwardChain`. */
const NFT_TABLE = 'flannel-ipv4'
const NFT_CHAIN = 'forward'

export const check = defineHostCheck({
  id: 'netfilter/flannel-forward-rules',
  title: "flannel's own accepts for forwarded traffic",
  backends: 'any',
  needs: ['iptables'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld keeps rules on {host} that accept forwarded traffic of its network, and some are missing: {missing}',
      fix: 'See that flanneld runs and can run iptables; restarting it writes the rules again. Without them traffic stops when something sets the FORWARD policy to DROP, as Docker does.',
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ host, expected, cluster }) {
    const found = cluster.snapshot.hosts.get(host)
    if (expected.nftables) yield* nativeRules(found)
    else yield* iptablesRules(expected, found)
  },
})

function* nativeRules(host: HostSnapshot | undefined): Iterable<Draft<'missing'> | Unsure> {
  const fact = host?.facts.nftables
  if (!fact?.known) {
    yield { unsure: `nftables ${fact?.why ?? 'missing'}: ${fact?.detail ?? 'the host was not collected'}` }
    return
  }
  const isThere = fact.value.rules.some(
    ({ family, table, chain }) => family === 'ip' && table === NFT_TABLE && chain === NFT_CHAIN,
  )
  const object = `table ip ${NFT_TABLE}`
  if (!isThere)
    yield { code: 'missing', object, data: { missing: `rules of chain ${NFT_CHAIN} in ${object}` } }
}

function* iptablesRules(
  expected: ExpectedHost,
  host: HostSnapshot | undefined,
): Iterable<Draft<'missing'> | Unsure> {
  const { rules, unread } = hostRules(host)
  const forwardRules = expected.forwardRules ?? generationPresent(expected.possibleForwardRules, rules)
  if (forwardRules === undefined) {
    yield { unsure: "flanneld's version or -iptables-forward-rules is unknown" }
    return
  }
  yield* missingRuleDrafts(forwardRules, { rules, unread })
}
