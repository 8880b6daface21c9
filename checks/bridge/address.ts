/**
 * FLANNEL_SUBNET is the first address of the host's lease with the lease's length; Docker's
 * --bip, and so the bridge, must have it (flannel `pkg/subnet/subnet.go`, `WriteSubnetFile`;
 * `dist/mk-docker-opts.sh`). Peers send only the leased subnet to this host: containers of a
 * bridge elsewhere are never answered.
 */

import { defineHostCheck } from '../define.ts'
import { portsOf, subnetBridge } from '../expected/bridge-link.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { dockerWithOptions } from '../heal/docker-start.ts'
import { RESTART_DOCKER, run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { containsAddress, formatPrefix, maskPrefix, type Prefix } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import { named } from '../model/named.ts'

/** A bridge of Docker is Docker's to address; another one gets the address of the lease in place of its own. */
function readdressed(
  docker: Docker,
  values: ExpectedHost['subnetEnv'],
  own: readonly Prefix[],
): readonly HealStep[] {
  if (docker.running) return dockerWithOptions(docker, values)
  return [
    run('ip addr replace {expected} brd + dev {link}', 'the bridge has the address of the lease'),
    ...own.map((prefix) => run(`ip addr del ${formatPrefix(prefix)} dev {link}`, 'it has no other one')),
  ]
}

export const check = defineHostCheck({
  id: 'bridge/address',
  title: 'Address of the container bridge',
  backends: 'any',
  needs: ['links', 'addresses', 'docker'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the container bridge {link} of {host} has no IPv4 address; it should have {expected}',
      fix: '`ip addr add {expected} dev {link}` on {host}; then restart Docker so that it keeps the address.',
      withPods: {
        fix: '`ip addr add {expected} dev {link}` on {host}; the CNI plugin does so with the next pod.',
      },
      heal: [
        run(
          'ip addr replace {expected} brd + dev {link}',
          'the bridge has its address',
          'ip addr del {expected} dev {link}',
        ),
        RESTART_DOCKER,
      ],
      explains: [
        { code: 'route/own-subnet:missing', when: 'same-host' },
        { code: 'bridge/container-gateway:wrong', when: 'same-host' },
      ],
    },
    'wrong-subnet': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the container bridge {link} of {host} has {observed}, but the lease of the host is for {subnet}: peers cannot reach its containers',
      fix: 'Start dockerd with --bip={expected} (from subnet.env) and restart the containers; where dockerd refuses, `ip link del {link}` first.',
      // The bridge plugin gives up with "already has an IP address different from" (`plugins/main/bridge`, `ensureAddr`).
      withPods: {
        says: '{link} of {host} has {observed}, but the podCIDR of its node is {subnet}: new pods fail to start, and no other node reaches those that are there',
        fix: 'Drain the node, `ip link del {link}` on {host}, and create its pods again: the CNI plugin makes the bridge anew with {expected}.',
        heal: [
          run('ip link del {link}', 'the next pod makes the bridge anew, with the address of subnet.env'),
        ],
      },
      explains: [
        { code: 'bridge/container-address:outside-subnet', when: 'same-host' },
        { code: 'bridge/container-gateway:wrong', when: 'same-host' },
        { code: 'route/own-subnet:missing', when: 'same-host' },
        { code: 'route/peer-subnet:wrong-link', when: 'same-host' },
        { code: 'route/shadowed:shadowed', when: 'same-host' },
        // The subnet that it keeps from before is one of the network's, which gives it to others: it goes with the next address.
        { code: 'route/network-overlap:overlapping', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts, expected }) {
    const { links, addresses, docker } = facts
    const subnet = maskPrefix(expected.lease.subnet)
    const bridge = subnetBridge({ links, addresses, docker, subnet })
    if (bridge === undefined || (!docker.running && portsOf(links, bridge).length === 0)) return
    const own = addresses.flatMap(({ link, prefix }) => (link === bridge.name && prefix ? [prefix] : []))
    const isServed = own.some(
      ({ address, length }) => length === subnet.length && containsAddress(subnet, address),
    )
    if (isServed) return
    const finding = {
      object: named('link', bridge.name),
      shownBy: 'addresses' as const,
      expected: formatPrefix(expected.subnetEnv.subnet),
      data: { link: bridge.name, subnet: formatPrefix(subnet) },
    }
    if (own.length === 0) yield { ...finding, code: 'missing', observed: 'no IPv4 address' }
    else {
      const heal = readdressed(docker, expected.subnetEnv, own)
      yield { ...finding, code: 'wrong-subnet', observed: own.map(formatPrefix).join(', '), heal }
    }
  },
})
