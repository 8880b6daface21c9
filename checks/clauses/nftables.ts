/** EnableNFTables: what flanneld writes into a table of its own. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['nftables'] as const

export const NFTABLES: readonly Clause[] = [
  {
    id: 'FL-NFT-01',
    level: 'MUST',
    says: 'With EnableNFTables chain forward of table ip flannel-ipv4 MUST accept what comes from the network and what goes there.',
    source: 'pkg/trafficmngr/nftables/nftables.go, SetupAndEnsureForwardRules',
    since: 'v0.25.0',
    profiles,
    proof: seenBy('netfilter/flannel-forward-rules:missing'),
  },
  {
    id: 'FL-NFT-02',
    level: 'MUST',
    says: 'Other base chains MUST NOT drop what that table accepts: an accept ends one chain, not the hook.',
    source: 'Linux net/netfilter/nf_tables_core.c; laboratory, v0.25.7',
    since: 'v0.25.0',
    profiles,
    proof: seenBy('netfilter/forward:drop-policy', 'netfilter/forward:drop-rule'),
  },
  {
    id: 'FL-NFT-03',
    level: 'MUST',
    says: 'Containers MUST be masqueraded on the way out of the network by flanneld or by Docker.',
    source: 'pkg/trafficmngr/nftables/nftables.go, SetupAndEnsureMasqRules',
    since: 'v0.25.0',
    profiles,
    proof: seenBy('netfilter/container-masquerade:none'),
  },
]
