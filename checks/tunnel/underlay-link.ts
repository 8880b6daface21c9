// flannel binds the VTEP to its external link (pkg/backend/vxlan/vxlan.go, createVXLANDevice,
// vtepIndex); the kernel looks up the way to a peer on that link only. The external link is the one
// of --iface, or the owner of the public IP, or that of the default route (pkg/ipmatch/match.go).

import { defineHostCheck } from '../define.ts'
import { flannelLink, withVxlan } from '../expected/flannel-link.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'tunnel/underlay-link',
  title: 'Underlay link of the VTEP',
  backends: ['vxlan'],
  needs: ['links'],
  needsExpected: true,
  findings: {
    wrong: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: '{link} on {host} is bound to {observed}, the public IP in the lease belongs to {expected}',
      fix: 'Start flanneld on {host} with --iface={expected}, or restart it if it already has that option.',
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'tunnel/local-address:wrong', when: 'same-host' },
        { code: 'link/mtu:differs', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link?.vxlan) return
    const { name, vxlan } = expected.link
    const link = withVxlan(flannelLink(facts.links, name))
    if ('unsure' in link) return yield link
    if (vxlan.underlay === undefined) return yield { unsure: 'the underlay link is not known' }
    const { underlay } = link.vxlan
    // A link bound to nothing uses the routing table, which works.
    if (underlay === undefined || underlay === vxlan.underlay) return
    yield {
      code: 'wrong',
      object: named('link', name),
      expected: vxlan.underlay,
      observed: underlay,
      data: { link: name },
    }
  },
})
