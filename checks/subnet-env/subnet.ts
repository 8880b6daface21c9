// FLANNEL_SUBNET is the first address of the own lease with the lease's length, the address the
// container bridge takes (`pkg/subnet/subnet.go`, `WriteSubnetFile`). A file from an earlier lease, from
// another host's disk, or of a second flanneld gives containers addresses that peers send elsewhere.
import { defineHostCheck } from '../define.ts'
import { leaseIndex, subnetKey } from '../expected/lease-index.ts'
import { RESTART_DOCKER, RESTART_FLANNELD } from '../heal/steps.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'

export const check = defineHostCheck({
  id: 'subnet-env/subnet',
  title: 'FLANNEL_SUBNET',
  backends: 'any',
  needs: ['subnetEnv', 'leases', 'config'],
  needsExpected: true,
  findings: {
    'differs-from-lease': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'FLANNEL_SUBNET on {host} is {observed}, its lease gives {expected}{holder}',
      fix: 'Restart flanneld on {host}, which writes the file again, then restart Docker so that the bridge and the containers move to {expected}.',
      withPods: {
        fix: 'Restart the flannel pod of {host}, which writes the file again; then drain the node, `ip link del cni0`, and create its pods again.',
      },
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
      explains: [
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
        { code: 'bridge/address:missing', when: 'same-host' },
        { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
        { code: 'bridge/container-address:outside-subnet', when: 'same-host' },
        { code: 'bridge/container-address:duplicate', when: 'anywhere' },
        { code: 'route/own-subnet:missing', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts, expected, host, cluster }) {
    const { subnet, path } = facts.subnetEnv
    if (subnet === undefined) return yield { unsure: `${path} has no readable FLANNEL_SUBNET` }
    const wanted = formatPrefix(expected.subnetEnv.subnet)
    const observed = formatPrefix(subnet)
    if (observed === wanted) return
    const other = leaseIndex(facts.leases).bySubnet.get(subnetKey(maskPrefix(subnet)))
    const name = other && cluster.hostByPublicIp.get(other.publicIp)
    const holder = name === undefined || name === host ? '' : `; ${observed} belongs to ${name}`
    yield {
      code: 'differs-from-lease',
      object: 'FLANNEL_SUBNET',
      expected: wanted,
      observed,
      data: { holder },
    }
  },
})
