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
  {
    id: 'FL-CNI-04',
    level: 'MUST',
    says: "The first file in name order of the CNI configuration directory MUST be flannel's.",
    source: 'Documentation/kube-flannel.yml, install-cni; CNI libcni/conf.go, ConfFiles',
    since: 'v0.10.0',
    profiles,
    proof: seenBy(
      'cni/config-order:other-first',
      'cni/config-order:missing',
      'cni/config-order:unknown-version',
      'cni/config-order:unreadable',
    ),
  },
  {
    id: 'FL-CNI-05',
    level: 'MUST',
    says: 'Every plugin that the configuration names MUST be in the plugin directory.',
    source: 'Documentation/kube-flannel.yml, install-cni-plugin',
    profiles,
    proof: seenBy('cni/plugin:missing'),
  },
  {
    id: 'FL-CNI-06',
    level: 'SHOULD',
    says: 'The ports of pods SHOULD have hairpin mode where the configuration asks for it.',
    source: 'Documentation/kube-flannel.yml, cni-conf.json; CNI plugins/main/bridge, setupVeth',
    since: 'v0.10.0',
    profiles,
    proof: seenBy('cni/hairpin:off'),
  },
  {
    id: 'FL-CNI-07',
    level: 'MUST',
    says: 'host-local MUST have free addresses of the podCIDR.',
    source: 'CNI plugins/ipam/host-local',
    profiles,
    proof: seenBy('cni/address-store:full', 'cni/address-store:leaking', 'cni/address-store:forgotten'),
  },
  {
    id: 'FL-CNI-08',
    level: 'MUST',
    says: 'cni0 MUST have the first address of FLANNEL_SUBNET: the bridge plugin refuses another one unless forceAddress is set.',
    source: 'CNI plugins/main/bridge, ensureAddr',
    profiles,
    proof: seenBy('bridge/address:wrong-subnet', 'bridge/address:missing'),
  },
  {
    id: 'FL-CNI-09',
    level: 'MUST',
    says: 'Every pod MUST have an address of the podCIDR.',
    source: 'CNI plugin flannel, doCmdAdd; plugins/ipam/host-local',
    profiles,
    proof: seenBy(
      'bridge/container-address:outside-subnet',
      'bridge/container-address:duplicate',
      'cni/address-store:forgotten',
      'cni/pod:unattached',
    ),
  },
  {
    id: 'FL-CNI-10',
    level: 'SHOULD',
    says: 'cni0 and pods SHOULD have the MTU of FLANNEL_MTU; a change reaches pods that are made later.',
    source: 'CNI plugin flannel, doCmdAdd; plugins/main/bridge',
    profiles,
    proof: seenBy('bridge/mtu:too-large', 'bridge/container-mtu:too-large', 'cni/delegate:mtu-too-large'),
  },
]
