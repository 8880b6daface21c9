/**
 * FLANNEL_MTU is the underlay MTU less the encapsulation: 50 bytes for vxlan, 28 for udp, none
 * for host-gw (flannel `pkg/backend/vxlan/device.go`, `encapOverhead`; `pkg/backend/udp`). Larger
 * packets must be fragmented or are refused. A bridge without ports shows 1500 whatever dockerd's
 * --mtu is: the kernel takes the smallest port's MTU (net/bridge/br_if.c, `br_mtu_auto_adjust`).
 */

import { defineHostCheck } from '../define.ts'
import { portsOf, subnetBridge } from '../expected/bridge-link.ts'
import { run } from '../heal/steps.ts'
import { maskPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'bridge/mtu',
  title: 'MTU of the container bridge',
  backends: 'any',
  needs: ['links', 'addresses', 'docker'],
  needsExpected: true,
  findings: {
    'too-large': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the container bridge {link} of {host} has MTU {observed}, the overlay carries {expected}',
      fix: 'Start dockerd with --mtu={expected} (from subnet.env) and restart the containers; at once: `ip link set {link} mtu {expected}`.',
      withPods: {
        fix: 'Create the pods of {host} again: the CNI plugin gives them the MTU of subnet.env; at once: `ip link set {link} mtu {expected}`.',
      },
      heal: [
        run(
          'ip link set {link} mtu {expected}',
          'the bridge takes no more than the overlay carries',
          'ip link set {link} mtu {observed}',
        ),
      ],
      explains: [{ code: 'bridge/container-mtu:too-large', when: 'same-host' }],
    },
  },
  *evaluate({ facts, expected }) {
    const { links, addresses, docker } = facts
    const bridge = subnetBridge({ links, addresses, docker, subnet: maskPrefix(expected.lease.subnet) })
    if (bridge === undefined || portsOf(links, bridge).length === 0) return
    const { mtu } = expected.subnetEnv
    if (mtu === undefined) {
      yield { unsure: 'the MTU of the overlay is unknown' }
      return
    }
    if (bridge.mtu <= mtu) return
    yield {
      code: 'too-large',
      object: named('link', bridge.name),
      expected: String(mtu),
      observed: String(bridge.mtu),
      data: { link: bridge.name },
    }
  },
})
