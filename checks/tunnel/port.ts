// Every host sends to the UDP port its own VTEP is set to, so all must agree. flannel passes
// `Backend.Port`; 0 or nothing is the kernel's default 8472, not the 4789 of the standard
// (pkg/backend/vxlan/device.go, newVXLANDevice; Linux drivers/net/vxlan, parameter udp_port).

import { defineHostCheck } from '../define.ts'
import { flannelLink, withVxlan } from '../expected/flannel-link.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'tunnel/port',
  title: 'UDP port of the VTEP',
  backends: ['vxlan'],
  needs: ['links'],
  needsExpected: true,
  findings: {
    wrong: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} uses UDP port {observed}, the network uses {expected}: peers answer with "port unreachable" or drop',
      fix: 'Remove {link} on {host} and restart flanneld there: where Backend.Port is not written it keeps a link with another port. If the port in the configuration was changed, restart flanneld on every host.',
      heal: [run('ip link del {link}', 'flanneld makes it anew'), RESTART_FLANNELD],
      explains: [{ code: 'tunnel/socket:not-listening', when: 'same-host' }],
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link?.vxlan) return
    const { name, vxlan } = expected.link
    const link = withVxlan(flannelLink(facts.links, name))
    if ('unsure' in link) return yield link
    if (link.vxlan.port === vxlan.port) return
    yield {
      code: 'wrong',
      object: named('link', name),
      expected: String(vxlan.port),
      observed: String(link.vxlan.port),
      data: { link: name },
    }
  },
})
