/**
 * flanneld keeps accepts for its network at hook forward: in FORWARD since v0.10.0, in its
 * own chain FLANNEL-FWD since v0.20.0 (`pkg/trafficmngr/iptables/iptables.go`, `forwardRules`),
 * in table `ip flannel-ipv4` when EnableNFTables is set (`pkg/trafficmngr/nftables/nftables.go`).
 * A running flanneld puts lost iptables rules back every -iptables-resync seconds (5).
 */
import { defineHostCheck } from '../define.ts'
import { hostRules, missingRules, ruleWords } from '../trace/filter/saved-rules.ts'

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
      says: 'flanneld keeps rules on {host} that accept forwarded traffic of its network; these are missing: {missing}.',
      fix: 'See that flanneld runs and can run iptables; restarting it writes the rules again. Without them traffic stops when something sets the FORWARD policy to DROP, as Docker does.',
    },
  },
  *evaluate({ host, expected, cluster }) {
    const found = cluster.snapshot.hosts.get(host)
    if (expected.nftables) {
      const nftables = found?.facts.nftables
      if (!nftables?.known) {
        yield { unsure: `nftables ${nftables?.why}: ${nftables?.detail}` }
        return
      }
      const isThere = nftables.value.rules.some(
        ({ family, table, chain }) => family === 'ip' && table === NFT_TABLE && chain === NFT_CHAIN,
      )
      const object = `table ip ${NFT_TABLE}`
      if (!isThere)
        yield { code: 'missing', object, data: { missing: `rules of chain ${NFT_CHAIN} in ${object}` } }
      return
    }
    if (expected.forwardRules === undefined) {
      yield { unsure: "flanneld's version or -iptables-forward-rules is unknown" }
      return
    }
    if (expected.forwardRules.length === 0) return
    const { rules, unread } = hostRules(found)
    const missing = missingRules(expected.forwardRules, rules)
    if (missing.length === 0) return
    for (const reason of unread) yield { unsure: reason }
    if (unread.length > 0) return
    const words = missing.map(ruleWords).join('; ')
    yield {
      code: 'missing',
      object: `chain filter/${missing[0]?.chain}`,
      expected: words,
      data: { missing: words },
    }
  },
})
