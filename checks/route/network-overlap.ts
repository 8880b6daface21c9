// flannel hands out any subnet from SubnetMin to SubnetMax; it does not ask whether a host already has a network
// of its own there (`pkg/subnet/etcd/local_manager.go`, `allocateSubnet`). A Docker network, a libvirt bridge or a
// second LAN inside the range works until a peer gets that subnet: then one of the two is unreachable.

import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { isConnected } from '../expected/route-lookup.ts'
import {
  containsPrefix,
  formatPrefix,
  lastAddress,
  maskPrefix,
  networkAddress,
  overlaps,
} from '../model/address.ts'
import { named } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { Route } from '../model/route.ts'
import { kindsIn } from '../model/table-kind.ts'
import { byNetwork } from '../model/table-lookup.ts'

function isLeasable({ destination }: Route, { subnetMin, subnetMax, subnetLength }: NetworkConfig): boolean {
  const last = lastAddress({ address: subnetMax, length: subnetLength })
  return networkAddress(destination) <= last && lastAddress(destination) >= subnetMin
}

/** Networks that the kernel knows from addresses of links. */
const ofAddresses = kindsIn<Route>(byNetwork, (route) => {
  const { protocol, table, type } = route
  return type === 'unicast' && table === 'main' && protocol === 'kernel' && isConnected(route)
    ? 'connected'
    : undefined
})

/** On links other than flannel's, and not those of its own containers. */
function isForeign({ destination, link }: Route, expected: ExpectedHost): boolean {
  return link !== expected.link?.name && !containsPrefix(maskPrefix(expected.lease.subnet), destination)
}

export const check = defineHostCheck({
  id: 'route/network-overlap',
  title: 'Other networks inside the flannel network',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['routes', 'config'],
  needsExpected: true,
  findings: {
    overlapping: {
      severity: 'warning',
      confidence: 'certain',
      says: '{host} has a network of its own, {observed} on {link}, inside the range that flannel leases from ({expected})',
      fix: 'Give {link} another network (Docker: default-address-pools, or --subnet), or leave that range out with SubnetMin and SubnetMax, before a peer gets a subnet there.',
    },
  },
  *evaluate({ facts: { routes, config }, expected }) {
    for (const route of ofAddresses(routes, 'connected')) {
      const { destination, link = '' } = route
      if (!isForeign(route, expected) || !containsPrefix(config.network, destination)) continue
      // The underlay itself, and a subnet that a peer has already, are judged elsewhere.
      if (
        link === expected.externalLink?.name ||
        expected.peers.some(({ lease }) => overlaps(lease.subnet, destination))
      )
        continue
      if (!isLeasable(route, config)) continue
      const observed = formatPrefix(destination)
      const network = formatPrefix(maskPrefix(config.network))
      yield {
        code: 'overlapping',
        object: named('route', observed),
        expected: network,
        observed,
        data: { link },
      }
    }
  },
})
