// flanneld leases subnets of SubnetLen between SubnetMin and SubnetMax inside Network, none of which
// overlap (`pkg/subnet/etcd/local_manager.go`, `allocateSubnet` and `isSubnetConfigCompat`). A lease
// that does not fit was written by hand, by another program, or before the configuration changed;
// its owner gives it up at the next restart. Versions up to v0.9.1 lease unaligned subnets when
// SubnetMin is unaligned.

import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { overlapsOf } from '../expected/overlap.ts'
import { formerNetwork } from '../heal/config-edit.ts'
import { orphanDeletion } from '../heal/orphan-lease.ts'
import { RESTART_DOCKER, RESTART_FLANNELD } from '../heal/steps.ts'
import {
  containsPrefix,
  formatAddress,
  formatPrefix,
  maskPrefix,
  networkAddress,
  type Prefix,
} from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import { named } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'

type Misfit = 'unaligned' | 'outside-network' | 'wrong-length' | 'outside-range'

function misfit(subnet: Prefix, config: NetworkConfig): Misfit | undefined {
  if (networkAddress(subnet) !== subnet.address) return 'unaligned'
  if (!containsPrefix(config.network, subnet)) return 'outside-network'
  if (subnet.length !== config.subnetLength) return 'wrong-length'
  const inRange = subnet.address >= config.subnetMin && subnet.address <= config.subnetMax
  return inRange ? undefined : 'outside-range'
}

function expectation(config: NetworkConfig): Readonly<Record<Misfit, string>> {
  const aligned = `a multiple of /${config.subnetLength}`
  const range = `${formatAddress(config.subnetMin)} to ${formatAddress(config.subnetMax)}`
  return {
    unaligned: aligned,
    'outside-network': `inside ${formatPrefix(maskPrefix(config.network))}`,
    'wrong-length': `/${config.subnetLength}`,
    'outside-range': range,
  }
}

const REACQUIRE =
  'Restart flanneld on {owner}, which takes a subnet that fits, then restart Docker there; a lease without a host is removed by deleting the key {key}.'

export const check = defineClusterCheck({
  id: 'lease/subnet',
  title: 'Leased subnets',
  backends: 'any',
  // The subnets of nodes are the matter of node/pod-cidr.
  needs: ['etcd', 'leases', 'config'],
  findings: {
    'all-outside-network': {
      severity: 'critical',
      effect: 'risk',
      hostsKeepFormer: true,
      confidence: 'likely',
      says: 'no lease (of {count}) lies inside Network {expected}: the configuration was changed and no flanneld was restarted',
      fix: 'Restart flanneld and then Docker on every host (flanneld reads the configuration only at start), or put the old Network back.',
      explains: [
        { code: 'subnet-env/network:differs-from-config', when: 'anywhere' },
        { code: 'netfilter/masquerade:missing', when: 'anywhere' },
        { code: 'netfilter/flannel-forward-rules:missing', when: 'anywhere' },
        { code: 'route/network:missing', when: 'anywhere' },
      ],
    },
    'outside-network': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'lease {subnet} of {owner} is outside Network {network}',
      fix: REACQUIRE,
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
      explains: [
        { code: 'route/shadowed:shadowed', when: 'anywhere' },
        { code: 'subnet-env/network:differs-from-config', when: 'same-host' },
        { code: 'netfilter/masquerade:missing', when: 'same-host' },
        { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
        { code: 'lease/peer:unprogrammed', when: 'involves-host' },
      ],
    },
    'outside-range': {
      severity: 'warning',
      confidence: 'certain',
      says: 'lease {subnet} of {owner} is outside the configured range {expected}: flanneld gives it up at its next start',
      fix: REACQUIRE,
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
    },
    'wrong-length': {
      severity: 'warning',
      confidence: 'certain',
      says: 'lease {subnet} of {owner} is not a {expected}: flanneld gives it up at its next start',
      fix: REACQUIRE,
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
    },
    unaligned: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'lease {subnet} of {owner} does not start on a subnet boundary: containers get addresses outside it',
      fix: 'Align SubnetMin in the configuration, delete the key {key}, then restart flanneld and Docker on {owner}.',
      explains: [
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
        { code: 'bridge/container-address:outside-subnet', when: 'same-host' },
        // The kernel refuses a route with host bits; flanneld tries again and again and handles nothing else.
        { code: 'lease/peer:*', when: 'anywhere' },
        { code: 'route/peer-subnet:*', when: 'anywhere' },
        { code: 'neighbour/peer-vtep:*', when: 'anywhere' },
        { code: 'fdb/peer-vtep:*', when: 'anywhere' },
        { code: 'daemon/log:entries-not-written', when: 'anywhere' },
      ],
    },
    overlapping: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'lease {subnet} of {owner} overlaps lease {other} of {rival}: part of the addresses leads to the wrong host',
      fix: 'Delete the wrong one of the two keys ({key}), then restart flanneld and Docker on the host that held it.',
      explains: [
        { code: 'lease/subnet:wrong-length', when: 'anywhere' },
        { code: 'lease/subnet:outside-range', when: 'anywhere' },
        { code: 'route/shadowed:shadowed', when: 'anywhere' },
        { code: 'route/own-subnet:ambiguous', when: 'anywhere' },
        { code: 'bridge/container-address:duplicate', when: 'anywhere' },
      ],
    },
  },
  *evaluate({ facts: { config, leases: table }, cluster: { snapshot } }) {
    const { leases } = table
    const { hostByLease } = clusterIdentity(snapshot)
    const owner = (lease: Lease): string => hostByLease.get(lease) ?? formatAddress(lease.publicIp)
    const about = (lease: Lease) => {
      const host = hostByLease.get(lease)
      const subnet = formatPrefix(lease.subnet)
      const data = {
        subnet,
        owner: owner(lease),
        key: lease.key,
        network: formatPrefix(maskPrefix(config.network)),
      }
      const place = { object: named('lease', subnet), observed: subnet }
      if (host !== undefined) return { ...place, data, host }
      const { heal, data: orphans } = orphanDeletion([lease], snapshot)
      return { ...place, data: { ...data, ...orphans }, heal }
    }
    const wrong = leases.flatMap((lease) => {
      const code = misfit(lease.subnet, config)
      return code === undefined ? [] : [{ lease, code }]
    })
    const outside = wrong.filter(({ code }) => code === 'outside-network').length
    const expected = expectation(config)
    if (outside > 1 && outside === leases.length) {
      const { heal, data } = formerNetwork(snapshot)
      yield {
        code: 'all-outside-network',
        object: 'leases',
        expected: formatPrefix(config.network),
        ...(heal.length > 0 && { heal }),
        data: { ...data, count: outside },
      }
    } else {
      for (const { lease, code } of wrong) yield { code, ...about(lease), expected: expected[code] }
    }
    for (const [first, second] of overlapsOf(leases, ({ subnet }) => subnet)) {
      const { data, ...place } = about(second)
      const { heal, data: orphans } = orphanDeletion([first, second], snapshot)
      const more = { other: formatPrefix(first.subnet), rival: owner(first) }
      yield { code: 'overlapping', ...place, heal, data: { ...data, ...orphans, ...more } }
    }
  },
})
