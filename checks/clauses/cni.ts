/** cni0, the bridge of the flannel CNI plugin. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['cni-bridge'] as const

export const CNI: readonly Clause[] = [
  {
    id: 'FL-CNI-01',
    level: 'MUST',
    says: 'cni0 MUST NOT keep a subnet of the network that is not leased to its host.',
    source: 'CNI plugins/main/bridge, ensureAddr; laboratory, v0.20.2',
    profiles,
    proof: seenBy('bridge/cni-bridge:former-subnet'),
  },
  {
    id: 'FL-CNI-02',
    level: 'MUST',
    says: 'cni0 and docker0 MUST NOT both have the subnet of the lease.',
    source: 'Linux net/ipv4/fib_trie.c: the first route wins',
    profiles,
    proof: seenBy('route/own-subnet:ambiguous'),
  },
  {
    id: 'FL-CNI-03',
    level: 'MAY',
    says: 'cni0 MAY belong to another network: flannel leaves it alone.',
    source: 'laboratory, v0.20.2',
    profiles,
    proof: seenBy('bridge/cni-bridge:foreign-subnet'),
  },
]
