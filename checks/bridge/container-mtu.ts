/**
 * Containers must send no larger packets than the overlay carries: mk-docker-opts.sh hands
 * FLANNEL_MTU to dockerd as --mtu (flannel `dist/mk-docker-opts.sh`), which sets it on every
 * container's interface. A larger one works for small packets and stalls or fragments large ones.
 */

import { defineHostCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import { type Attachment, attachedTo, attachments, namespaceOf } from '../expected/bridge-port.ts'
import { run } from '../heal/steps.ts'
import { maskPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

/** A veth end refuses what is larger than its own MTU (Linux `net/core/dev.c`, `__is_skb_forwardable`). */
function* differing({ container, link, port }: Attachment, mtu: number) {
  const carried = Math.min(mtu, port.mtu)
  if (link.mtu <= mtu && link.mtu >= carried) return
  yield {
    code: link.mtu > mtu ? ('too-large' as const) : ('smaller-than-port' as const),
    object: named('link', `${link.name} of container ${container.name}`),
    shownBy: 'containers' as const,
    expected: String(link.mtu > mtu ? mtu : carried),
    observed: String(link.mtu),
    prints: [`"ifname":"${link.name}"`, `"mtu":${link.mtu}`],
    data: { container: container.name, link: link.name, port: port.name, ...namespaceOf(container) },
  }
}

export const check = defineHostCheck({
  id: 'bridge/container-mtu',
  title: 'MTU inside containers',
  backends: 'any',
  needs: ['links', 'addresses', 'containers'],
  needsExpected: true,
  findings: {
    'too-large': {
      severity: 'warning',
      confidence: 'certain',
      says: 'container {container} on {host} has MTU {observed} on {link}, the overlay carries {expected}: large packets stall or are fragmented',
      fix: 'Start dockerd with --mtu={expected} (from subnet.env) and create the container again.',
      withPods: {
        fix: 'Delete the pod, so that another one is made: the CNI plugin gives it the MTU of subnet.env ({expected}).',
      },
      heal: [
        run(
          'nsenter --net={namespace} ip link set {link} mtu {expected}',
          'the container sends what the overlay carries',
          'nsenter --net={namespace} ip link set {link} mtu {observed}',
        ),
      ],
    },
    'smaller-than-port': {
      severity: 'warning',
      confidence: 'certain',
      says: 'container {container} on {host} has MTU {observed} on {link}, its end on the host, {port}, has {expected}: larger packets for it are lost between the two without a word to their sender',
      fix: 'Give both ends one MTU: `ip link set {link} mtu {expected}` in the namespace of the container, and see what lowered it there.',
      heal: [
        run(
          'nsenter --net={namespace} ip link set {link} mtu {expected}',
          'the container takes what its port sends',
          'nsenter --net={namespace} ip link set {link} mtu {observed}',
        ),
      ],
    },
  },
  *evaluate({ host, facts, expected, cluster }) {
    const { links, addresses, containers } = facts
    const docker = cluster.snapshot.hosts.get(host)?.facts.docker
    const subnet = maskPrefix(expected.lease.subnet)
    const bridge = subnetBridge({ links, addresses, subnet, ...(docker?.known && { docker: docker.value }) })
    if (bridge === undefined) return
    const attached = attachedTo(bridge, attachments(links, containers))
    const { mtu } = expected.subnetEnv
    if (mtu === undefined) {
      if (attached.length > 0) yield { unsure: 'the MTU of the overlay is unknown' }
      return
    }
    for (const attachment of attached) yield* differing(attachment, mtu)
  },
})
