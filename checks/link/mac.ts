// A vxlan host publishes the MAC of flannel.VNI as VtepMAC in its lease; every peer sends frames to
// that MAC (pkg/backend/vxlan/vxlan.go, newSubnetAttrs). A frame for another MAC is ignored by the
// receiving kernel. Changing the MAC also makes the kernel forget all neighbours of the link, the
// permanent ones included (Linux net/core/neighbour.c, neigh_changeaddr).

import { defineHostCheck } from '../define.ts'
import { flannelLink } from '../expected/flannel-link.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'link/mac',
  title: 'MAC of the VTEP',
  backends: ['vxlan'],
  needs: ['links'],
  needsExpected: true,
  findings: {
    'differs-from-lease': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} has MAC {observed}, its lease says {expected}: this host ignores what every peer sends it',
      fix: 'Restart flanneld on {host}; it publishes the MAC again. Keep udev and NetworkManager off the link (a .link file with MACAddressPolicy=none).',
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'neighbour/peer-vtep:missing', when: 'same-host' },
        { code: 'route/peer-subnet:none', when: 'same-host' },
        { code: 'lease/peer:*', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link) return
    const { name, mac } = expected.link
    const link = flannelLink(facts.links, name)
    if ('unsure' in link) return yield link
    if (mac === undefined) return yield { unsure: 'the own lease has no VtepMAC' }
    if (link.mac === undefined) return yield { unsure: `the MAC of ${name} was not read` }
    if (link.mac === mac) return
    yield {
      code: 'differs-from-lease',
      object: named('link', name),
      expected: mac,
      observed: link.mac,
      data: { link: name },
    }
  },
})
